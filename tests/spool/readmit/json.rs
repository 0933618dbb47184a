//! JSON that keeps the order of its fields and their repetitions, to be changed in one place and written again.

use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use std::fmt;

#[derive(Debug, Clone, PartialEq)]
pub enum Json {
    Boolean(bool),
    Number(u64),
    Text(String),
    List(Vec<Json>),
    Object(Vec<(String, Json)>),
}

impl Json {
    /// A line as the encoder wrote it.
    pub fn read(line: &[u8]) -> Self {
        let json: Self = serde_json::from_slice(line).expect("the encoder writes JSON");
        assert_eq!(json.to_string().as_bytes(), line, "and is written again to the same bytes");
        json
    }

    /// Every value, parents first.
    pub fn each(&mut self, act: &mut dyn FnMut(&mut Self)) {
        act(self);
        match self {
            Self::List(values) => values.iter_mut().for_each(|value| value.each(act)),
            Self::Object(fields) => fields.iter_mut().for_each(|(_, value)| value.each(act)),
            _ => {}
        }
    }

    /// Changes one of the values that are `wanted`, and says whether there was any.
    pub fn change(&mut self, wanted: fn(&Self) -> bool, which: usize, change: impl FnOnce(&mut Self)) -> bool {
        let mut all = 0;
        self.each(&mut |value| all += usize::from(wanted(value)));
        let (mut at, mut change) = (0, Some(change));
        self.each(&mut |value| {
            if wanted(value) {
                if at == which % all
                    && let Some(change) = change.take()
                {
                    change(value);
                }
                at += 1;
            }
        });
        all > 0
    }

    pub fn is_text(&self) -> bool {
        matches!(self, Self::Text(_))
    }

    pub fn is_object(&self) -> bool {
        matches!(self, Self::Object(_))
    }

    /// The fields of an object.
    pub fn fields(&mut self) -> &mut Vec<(String, Self)> {
        match self {
            Self::Object(fields) => fields,
            _ => panic!("not an object"),
        }
    }
}

impl fmt::Display for Json {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = |text: &str| serde_json::to_string(text).expect("text");
        let comma = |index: usize| if index > 0 { "," } else { "" };
        match self {
            Self::Boolean(value) => write!(f, "{value}"),
            Self::Number(value) => write!(f, "{value}"),
            Self::Text(value) => f.write_str(&text(value)),
            Self::List(values) => {
                f.write_str("[")?;
                values.iter().enumerate().try_for_each(|(index, value)| write!(f, "{}{value}", comma(index)))?;
                f.write_str("]")
            }
            Self::Object(fields) => {
                f.write_str("{")?;
                let mut fields = fields.iter().enumerate();
                fields.try_for_each(|(index, (name, value))| write!(f, "{}{}:{value}", comma(index), text(name)))?;
                f.write_str("}")
            }
        }
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyJson)
    }
}

struct AnyJson;

impl<'de> Visitor<'de> for AnyJson {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("what the encoder writes")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Boolean(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Json, E> {
        Ok(Json::Text(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            values.push(value);
        }
        Ok(Json::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = object.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}
