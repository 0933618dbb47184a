//! Counts the records that are kept without a part: `transform/usage` marks them, `groupbyattrs` counts and removes the mark.
//!
//! No processor counts what `transform` changes. `groupbyattrs` counts the records that have an attribute with one of its
//! keys, and moves it to the resource, from which `transform/schema` deletes it. It also drops the schema URL of a
//! resource, so a second attribute carries a declared one past it, and keeps the records of two versions apart.

use super::ottl::{SCHEMA_URL, Statement, literal};
use super::versions::ProgramVersions;
use super::yaml::Yaml;

/// The key of the mark. No registry can declare it, or the next one: no declared key has a blank.
const CUT: &str = "was cut";

/// The key of the schema URL on its way past `groupbyattrs`.
const URL: &str = "schema url";

/// A field of the resource that is not 0 while its records are not whole: it lacks an attribute, or its schema URL was not
/// declared.
pub const RESOURCE: &str = "resource.dropped_attributes_count";

/// The condition that not every received attribute is in the cache.
pub fn lacks_attributes(path: &str) -> String {
    format!("Len({path}.cache) != Len({path}.attributes)")
}

/// The statement that marks a record in this map under one of these conditions.
pub fn mark(map: &str, conditions: &[String]) -> Statement {
    Statement::set(&format!("{map}[{}]", literal(CUT)), true).only(conditions.join(" or "))
}

/// The same for each record of a resource.
pub fn mark_resource(condition: &str) -> Statement {
    Statement::set(RESOURCE, 1).only(condition)
}

/// The statements that remember the schema URL, and reset the field of the resource.
pub fn remember() -> Vec<Statement> {
    let url = format!("resource.attributes[{}]", literal(URL));
    vec![Statement::set(&url, SCHEMA_URL).only(format!(r#"{SCHEMA_URL} != """#)), Statement::set(RESOURCE, 0)]
}

/// The last two processors.
pub fn last(yaml: &mut Yaml, versions: &ProgramVersions<'_>) {
    yaml.comment(
        "Joins resources with equal attributes in a new envelope. So it also drops `Resource.entityRefs`, which hold text \
         that no statement can reach and that would be stored as sent. It counts the records that are not whole, by the \
         mark that the statements above have set.",
    );
    yaml.block("groupbyattrs:", |yaml| yaml.line(&format!("keys: [{CUT}]")));
    yaml.line("");
    yaml.comment("Restores the schema URL, which the new envelope lacks, and deletes the mark.");
    yaml.block("transform/schema:", |yaml| {
        yaml.line("error_mode: propagate");
        let from = format!("resource.attributes[{}]", literal(URL));
        let restored = versions.urls().map(|url| {
            let url = literal(url);
            Statement::set(SCHEMA_URL, &url).only(format!("{from} == {url}"))
        });
        let deleted =
            [URL, CUT].map(|key| Statement::new(format!("delete_key(resource.attributes, {})", literal(key))));
        yaml.block("trace_statements:", |yaml| {
            yaml.group("resource", None, "statements: &schema", &restored.chain(deleted).collect::<Vec<_>>());
        });
        yaml.block("log_statements:", |yaml| yaml.shared("resource", None, "schema"));
    });
}
