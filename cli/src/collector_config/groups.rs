//! What is done alike: statements, with the condition of the records that they are for.

use super::ottl::is_one_name_of;
use super::versions::ProgramVersions;

/// Statements, and the names of the signals that they rebuild, each with its versions.
pub struct StatementGroup<'r> {
    pub statements: Vec<String>,
    names: Vec<(&'r str, Vec<usize>)>,
}

/// The statements of all versions, each once: a record costs its own, and one condition for each other group.
#[derive(Default)]
pub struct StatementGroups<'r>(Vec<StatementGroup<'r>>);

impl<'r> StatementGroups<'r> {
    /// Adds the statements for the signals of this name in a version.
    pub fn add(&mut self, version: usize, name: &'r str, statements: Vec<String>) {
        let group = match self.0.iter().position(|group| group.statements == statements) {
            Some(index) => index,
            None => {
                self.0.push(StatementGroup { statements, names: Vec::new() });
                self.0.len() - 1
            }
        };
        let Some(group) = self.0.get_mut(group) else { return };
        match group.names.iter_mut().find(|(other, _)| *other == name) {
            Some((_, versions)) => versions.push(version),
            None => group.names.push((name, vec![version])),
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &StatementGroup<'r>> {
        self.0.iter()
    }
}

impl StatementGroup<'_> {
    /// The condition of its records, whose name is at this path. The version is asked after the name, which is more often
    /// another one.
    pub fn condition(&self, path: &str, versions: &ProgramVersions<'_>) -> String {
        let mut alike: Vec<(Vec<&str>, &[usize])> = Vec::new();
        for (name, of) in &self.names {
            match alike.iter_mut().find(|(_, other)| other == of) {
                Some((names, _)) => names.push(name),
                None => alike.push((vec![name], of)),
            }
        }
        let each = alike.into_iter().map(|(names, of)| {
            let names = is_one_name_of(path, &names);
            match versions.is_of(of) {
                Some(version) => format!("({names}) and {version}"),
                None => names,
            }
        });
        each.collect::<Vec<_>>().join(" or ")
    }

    /// The condition of its version alone, for what has no name.
    pub fn version(&self, versions: &ProgramVersions<'_>) -> Option<String> {
        self.names.first().and_then(|(_, of)| versions.is_of(of))
    }
}
