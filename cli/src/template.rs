//! Fills templates: text with `{{names}}`, which are replaced by values.
//!
//! A name inside a value is not replaced.

/// Fills a template. A line that is only a name is replaced by the lines of its value, each indented like the name;
/// with an empty value, the line is left out.
pub(crate) fn fill(template: &str, values: &[(&str, &str)]) -> String {
    let value = |name: &str| values.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| *value);
    let mut out = String::new();
    for line in template.split_inclusive('\n') {
        let (indent, name) = line.split_at(line.len() - line.trim_start_matches(' ').len());
        let name = name.trim_end().strip_prefix("{{").and_then(|name| name.strip_suffix("}}"));
        match name.filter(|name| !name.contains('}')) {
            Some(name) => value(name).lines().for_each(|line| {
                out.push_str(if line.is_empty() { "" } else { indent });
                out.push_str(line);
                out.push('\n');
            }),
            None => inline(line, value, &mut out),
        }
    }
    out
}

fn inline<'v>(line: &str, value: impl Fn(&str) -> &'v str, out: &mut String) {
    let mut rest = line;
    while let Some((before, after)) = rest.split_once("{{") {
        let Some((name, after)) = after.split_once("}}") else { break };
        out.push_str(before);
        out.push_str(value(name));
        rest = after;
    }
    out.push_str(rest);
}

#[cfg(test)]
mod tests {
    use super::fill;

    #[test]
    fn a_name_is_replaced_once_and_one_alone_takes_its_lines() {
        let check = |template: &str, expected: &str| {
            let values = [("a", "x"), ("lines", "1:\n\n  2: {{a}}"), ("none", "")];
            assert_eq!(fill(template, &values), expected, "{template}");
        };
        check("", "");
        check("{{a}} and {{a}}", "x and x");
        check("  {{lines}}\nend\n", "  1:\n\n    2: {{a}}\nend\n");
        check("one\n  {{none}}\ntwo{{none}}\n", "one\ntwo\n");
        check("  {{a}}{{a}}\n", "  xx\n");
        check("open {{a\n", "open {{a\n");
        check("{{unknown}}.\n", ".\n");
    }
}
