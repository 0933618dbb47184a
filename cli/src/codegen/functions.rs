//! Writes a Rust enum for each enum, and a typed function for each span and event.

use super::names::{Enum, Names, Typed};
use super::recorded::{RecordedAttribute, recorded};
use super::source::{Source, literal};
use crate::registry::{Attribute, Owned, Signal};
use scruple::registry::Treatment;

/// Writes the module that holds enums and functions.
pub fn write(out: &mut Source, owned: &Owned, names: &Names) {
    out.line("#[rustfmt::skip]");
    out.block("mod functions {", "}", |out| {
        let mut first = true;
        let mut apart = |out: &mut Source| {
            if !std::mem::replace(&mut first, false) {
                out.line("");
            }
        };
        for (attribute, named) in owned.attributes.iter().zip(&names.enums) {
            if let Some(named) = named {
                apart(out);
                enumeration(out, attribute, named);
            }
        }
        for (signal, typed) in owned.spans.iter().zip(&names.spans) {
            apart(out);
            span(out, signal, typed, &recorded(owned, names, signal, typed));
        }
        for (signal, typed) in owned.events.iter().zip(&names.events) {
            apart(out);
            event(out, signal, typed, &recorded(owned, names, signal, typed));
        }
    });
}

fn enumeration(out: &mut Source, attribute: &Attribute, named: &Enum) {
    let name = &named.name;
    out.doc("///", attribute.table.brief);
    out.line("///");
    out.line(&format!("/// The values of `{}`.", attribute.table.key));
    out.line("#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]");
    out.block(&format!("pub enum {name} {{"), "}", |out| {
        for ((value, member), variant) in attribute.values().zip(&named.variants) {
            out.doc("///", member.brief.unwrap_or(value));
            out.line(&format!("{variant},"));
        }
    });
    let is_integer = matches!(attribute.table.treatment, Treatment::IntegerEnum { .. });
    let literal = |value: &str| if is_integer { value.to_owned() } else { literal(value) };
    let (getter, sent, parsed) = if is_integer { ("as_i64", "i64", "i64") } else { ("as_str", "&'static str", "&str") };
    out.line("");
    out.block(&format!("impl {name} {{"), "}", |out| {
        out.doc("///", "The value that is sent.");
        out.block(&format!("pub const fn {getter}(self) -> {sent} {{"), "}", |out| {
            out.block("match self {", "}", |out| {
                for ((value, _), variant) in attribute.values().zip(&named.variants) {
                    out.line(&format!("Self::{variant} => {},", literal(value)));
                }
            });
        });
        out.line("");
        out.doc("///", "The member whose value this is, if it is one.");
        out.block(&format!("pub fn from_value(value: {parsed}) -> ::core::option::Option<Self> {{"), "}", |out| {
            out.block("::core::option::Option::Some(match value {", "})", |out| {
                for ((value, _), variant) in attribute.values().zip(&named.variants) {
                    out.line(&format!("{} => Self::{variant},", literal(value)));
                }
                out.line("_ => return ::core::option::Option::None,");
            });
        });
    });
}

fn span(out: &mut Source, signal: &Signal, typed: &Typed, recorded: &[RecordedAttribute<'_>]) {
    let Typed { name, function, .. } = typed;
    let required: Vec<&RecordedAttribute<'_>> = recorded.iter().filter(|one| one.is_required).collect();
    out.doc("///", signal.table.brief);
    out.line("///");
    out.line(&format!("/// Opens the span `{}`.", signal.table.name));
    let parameters: Vec<String> =
        required.iter().map(|one| format!("{}: {}", one.name, one.takes.parameter(""))).collect();
    out.block(&format!("pub fn {function}({}) -> {name} {{", parameters.join(", ")), "}", |out| {
        out.block("let span = ::tracing::info_span!(", ");", |out| {
            out.line(&format!("{},", literal(signal.table.name)));
            for one in recorded {
                let field = one.attribute.field;
                if one.is_required {
                    out.line(&format!("{field} = {},", one.takes.value(one.name)));
                } else {
                    out.line(&format!("{field} = ::tracing::field::Empty,"));
                }
            }
            out.line("otel.status_code = ::tracing::field::Empty,");
        });
        out.line(&format!("{name} {{ span }}"));
    });
    out.line("");
    out.doc("///", signal.table.brief);
    out.line("///");
    out.line(&format!("/// The span `{}`, open until its last clone is dropped.", signal.table.name));
    out.line("#[derive(Clone, Debug)]");
    out.line("#[must_use = \"a span is closed when its last clone is dropped\"]");
    out.block(&format!("pub struct {name} {{"), "}", |out| out.line("span: ::tracing::Span,"));
    out.line("");
    out.block(&format!("impl {name} {{"), "}", |out| {
        for one in recorded {
            setter(out, one);
        }
        out.doc("///", "Records that it went well.");
        status(out, "ok", "ok");
        out.line("");
        out.doc("///", "Records that it failed.");
        status(out, "fail", "error");
    });
    out.line("");
    out.block(&format!("impl ::core::ops::Deref for {name} {{"), "}", |out| {
        out.line("type Target = ::tracing::Span;");
        out.line("");
        out.block("fn deref(&self) -> &Self::Target {", "}", |out| out.line("&self.span"));
    });
    out.line("");
    out.block(&format!("impl ::core::convert::From<{name}> for ::tracing::Span {{"), "}", |out| {
        out.block(&format!("fn from(typed: {name}) -> Self {{"), "}", |out| out.line("typed.span"));
    });
}

fn setter(out: &mut Source, one: &RecordedAttribute<'_>) {
    out.doc("///", one.brief);
    out.line("///");
    out.line(&format!("/// Records `{}`.", one.attribute.key));
    out.block(&format!("pub fn {}(&self, value: {}) -> &Self {{", one.name, one.takes.parameter("")), "}", |out| {
        out.line(&format!("self.span.record({}, {});", literal(one.attribute.field), one.takes.value("value")));
        out.line("self");
    });
    out.line("");
}

fn status(out: &mut Source, name: &str, code: &str) {
    out.block(&format!("pub fn {name}(&self) -> &Self {{"), "}", |out| {
        out.line(&format!("self.span.record(\"otel.status_code\", {});", literal(code)));
        out.line("self");
    });
}

fn event(out: &mut Source, signal: &Signal, typed: &Typed, recorded: &[RecordedAttribute<'_>]) {
    let Typed { name, function, .. } = typed;
    let borrows = recorded.iter().any(|one| one.takes.borrows());
    let (generics, lifetime) = if borrows { ("<'a>", "'a ") } else { ("", "") };
    let required: Vec<&RecordedAttribute<'_>> = recorded.iter().filter(|one| one.is_required).collect();
    let parameters: Vec<String> =
        required.iter().map(|one| format!("{}: {}", one.name, one.takes.parameter(lifetime))).collect();
    out.doc("///", signal.table.brief);
    out.line("///");
    out.line(&format!("/// Begins the event `{}`; `emit` records it.", signal.table.name));
    let parameters = parameters.join(", ");
    out.block(&format!("pub fn {function}{generics}({parameters}) -> {name}{generics} {{"), "}", |out| {
        let fields: Vec<String> = recorded
            .iter()
            .map(|one| match one.is_required {
                true => one.name.to_owned(),
                false => format!("{}: ::core::option::Option::None", one.name),
            })
            .collect();
        if fields.is_empty() {
            out.line(&format!("{name} {{}}"));
        } else {
            out.block(&format!("{name} {{"), "}", |out| fields.iter().for_each(|field| out.line(&format!("{field},"))));
        }
    });
    out.line("");
    out.doc("///", signal.table.brief);
    out.line("///");
    out.line(&format!("/// The event `{}`, not yet recorded.", signal.table.name));
    out.line("#[derive(Clone, Copy)]");
    out.line("#[must_use = \"an event is recorded by `emit`\"]");
    if recorded.is_empty() {
        out.line(&format!("pub struct {name} {{}}"));
    } else {
        out.block(&format!("pub struct {name}{generics} {{"), "}", |out| {
            for one in recorded {
                let takes = one.takes.parameter(lifetime);
                match one.is_required {
                    true => out.line(&format!("{}: {takes},", one.name)),
                    false => out.line(&format!("{}: ::core::option::Option<{takes}>,", one.name)),
                }
            }
        });
    }
    out.line("");
    out.block(&format!("impl{generics} {name}{generics} {{"), "}", |out| {
        for one in recorded.iter().filter(|one| !one.is_required) {
            out.doc("///", one.brief);
            out.line("///");
            out.line(&format!("/// Adds `{}`.", one.attribute.key));
            let takes = one.takes.parameter(lifetime);
            out.block(&format!("pub fn {}(mut self, value: {takes}) -> Self {{", one.name), "}", |out| {
                out.line(&format!("self.{} = ::core::option::Option::Some(value);", one.name));
                out.line("self");
            });
            out.line("");
        }
        emit(out, signal, recorded);
    });
}

fn emit(out: &mut Source, signal: &Signal, recorded: &[RecordedAttribute<'_>]) {
    out.doc("///", "Records the event.");
    out.block("pub fn emit(self) {", "}", |out| {
        let name = literal(signal.table.name);
        if recorded.is_empty() {
            out.line(&format!("::tracing::event!(name: {name}, ::tracing::Level::INFO, {{}});"));
            return;
        }
        out.block("::tracing::event!(", ");", |out| {
            out.line(&format!("name: {name},"));
            out.line("::tracing::Level::INFO,");
            out.block("{", "}", |out| {
                for one in recorded {
                    let expression = format!("self.{}", one.name);
                    let value = match one.is_required {
                        true => one.takes.value(&expression),
                        false => one.takes.optional_value(&expression),
                    };
                    out.line(&format!("{} = {value},", one.attribute.field));
                }
            });
        });
    });
}
