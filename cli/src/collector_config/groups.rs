//! What is done alike: statements, with the condition of the records that they are for.
//!
//! A group costs each record its condition, whatever its name. Up to [`FEW`] groups stand alone. Of more, the names are
//! sorted, and neighbours share a group whose condition begins with their range: a record costs two comparisons for each
//! range, and inside its own range the conditions of all statements. With ranges of about the square root of all names, the
//! cost grows as that root.

use super::ottl::{Statement, is_one_name_of, literal};
use super::versions::ProgramVersions;

/// The rebuilding of a record, in order: phases, each with blocks in any order, each of which keeps its statements' order.
pub type Phases = Vec<Vec<Vec<Statement>>>;

/// As many groups stand alone: that is easier to read.
const FEW: usize = 16;

/// Statements, and the names of the signals that they rebuild, each with its versions.
pub struct StatementGroup<'r> {
    phases: Phases,
    names: Vec<(&'r str, Vec<usize>)>,
}

/// The statements of all versions, each once.
#[derive(Default)]
pub struct StatementGroups<'r>(Vec<StatementGroup<'r>>);

impl<'r> StatementGroups<'r> {
    /// Adds the rebuilding of the signals of this name in a version.
    pub fn add(&mut self, version: usize, name: &'r str, phases: Phases) {
        let group = match self.0.iter().position(|group| group.phases == phases) {
            Some(index) => index,
            None => {
                self.0.push(StatementGroup { phases, names: Vec::new() });
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

    /// The condition and the statements of each group, for records whose name is at this path.
    pub fn merged(&self, path: &str, versions: &ProgramVersions<'_>) -> Vec<(String, Vec<Statement>)> {
        let alone = |group: &StatementGroup<'r>| (condition(&[group], path, versions), group.statements());
        let (mut single, several): (Vec<_>, Vec<_>) = self.0.iter().partition(|group| group.names.len() == 1);
        if single.len() <= FEW {
            return self.0.iter().map(alone).collect();
        }
        single.sort_by_key(|group| group.first());
        // A range costs about twice as much as the condition of a statement, and a signal has some six statements.
        let size = (single.len().isqrt() * 3 / 5).max(2);
        let ranges = single.chunks(size).filter_map(|range| {
            let [first, last] = [range.first()?, range.last()?].map(|group| literal(group.first()));
            // Exact, so that no record is rebuilt twice, whatever name lies between these.
            let exact = condition(range, path, versions);
            let condition = format!("{path} >= {first} and {path} <= {last} and ({exact})");
            Some((condition, statements(range, path, versions)))
        });
        several.into_iter().map(alone).chain(ranges).collect()
    }
}

impl<'r> StatementGroup<'r> {
    /// All statements, in order.
    pub fn statements(&self) -> Vec<Statement> {
        self.phases.iter().flatten().flatten().cloned().collect()
    }

    /// The condition of its version alone, for what has no name.
    pub fn version(&self, versions: &ProgramVersions<'_>) -> Option<String> {
        self.names.first().and_then(|(_, of)| versions.is_of(of))
    }

    fn first(&self) -> &'r str {
        self.names.first().map_or("", |(name, _)| name)
    }
}

/// The condition of the records of these groups. The version is asked after the name, which is more often another one.
fn condition(groups: &[&StatementGroup<'_>], path: &str, versions: &ProgramVersions<'_>) -> String {
    let mut alike: Vec<(Vec<&str>, &[usize])> = Vec::new();
    for (name, of) in groups.iter().flat_map(|group| &group.names) {
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

/// The statements of these groups as one: what not all of them have is limited to the records of those that do.
fn statements(groups: &[&StatementGroup<'_>], path: &str, versions: &ProgramVersions<'_>) -> Vec<Statement> {
    let count = groups.iter().map(|group| group.phases.len()).max().unwrap_or(0);
    let mut all = Vec::new();
    for phase in 0..count {
        let mut blocks: Vec<(&[Statement], Vec<&StatementGroup<'_>>)> = Vec::new();
        for group in groups {
            for block in group.phases.get(phase).into_iter().flatten() {
                match blocks.iter_mut().find(|(other, _)| other == block) {
                    Some((_, of)) => of.push(group),
                    None => blocks.push((block, vec![group])),
                }
            }
        }
        for (block, of) in blocks {
            let limit = (of.len() < groups.len()).then(|| condition(&of, path, versions));
            let limited = |statement: Statement| match &limit {
                Some(limit) => statement.only(limit),
                None => statement,
            };
            all.extend(block.iter().cloned().map(limited));
        }
    }
    all
}
