//! Several configurations in one Collector: each as it was written, with a port, pipelines and files of its own.

use std::fs;

use super::{Component, Jaeger, Left, agent, ports};

/// A running Collector with several configurations.
pub struct Several {
    component: Component,
    http: Vec<String>,
}

impl Several {
    /// With these configurations of gateways.
    pub fn start(configurations: &[String]) -> Self {
        Self::with(configurations, &[])
    }

    /// With these configurations of debugging Collectors, all in front of one Jaeger.
    pub fn debugging(configurations: &[String], jaeger: &Jaeger) -> Self {
        Self::with(configurations, &[("SCRUPLE_JAEGER_PORT".to_owned(), jaeger.port())])
    }

    fn with(configurations: &[String], variables: &[(String, String)]) -> Self {
        (0..3).find_map(|_| Self::attempt(configurations, variables)).expect("the Collector starts")
    }

    /// The same without what cleans.
    pub fn control(configurations: &[String]) -> Self {
        let without = configurations.iter().map(|text| {
            let cleaning = "processors: [memory_limiter, filter/usage, transform/usage, filter/undeclared, batch, \
                            groupbyattrs, transform/schema]\n";
            assert_eq!(text.matches(cleaning).count(), 2, "{text}");
            text.replace(cleaning, "processors: [memory_limiter]\n")
        });
        Self::start(&without.collect::<Vec<_>>())
    }

    fn attempt(configurations: &[String], given: &[(String, String)]) -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let free = ports(2 * configurations.len() + 2);
        let last = free[free.len() - 1].to_string();
        let mut variables =
            vec![("SCRUPLE_HEALTH_PORT".to_owned(), free[0].to_string()), ("SCRUPLE_METRICS_PORT".to_owned(), last)];
        variables.extend_from_slice(given);
        let (mut files, mut http) = (Vec::new(), Vec::new());
        for (index, text) in configurations.iter().enumerate() {
            let [one, other] = [free[2 * index + 1], free[2 * index + 2]];
            variables.push((format!("SCRUPLE_GRPC_PORT_{index}"), one.to_string()));
            variables.push((format!("SCRUPLE_HTTP_PORT_{index}"), other.to_string()));
            http.push(format!("http://127.0.0.1:{other}"));
            let file = folder.path().join(format!("{index}.yaml"));
            fs::write(&file, renamed(text, index)).unwrap();
            files.push(file.to_str().unwrap().to_owned());
        }
        let files: Vec<_> = files.iter().map(String::as_str).collect();
        let variables: Vec<_> = variables.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
        let component = Component::start("collector", &files, &variables, &format!("http://127.0.0.1:{}/", free[0]))?;
        Some(Self { component, http })
    }

    /// Posts a request to one of them, and gives the status of the answer.
    pub fn post(&self, index: usize, path: &str, content_type: &str, body: &[u8]) -> u16 {
        let url = format!("{}{path}", self.http[index]);
        agent().post(url).content_type(content_type).send(body).unwrap().status().as_u16()
    }

    /// Ends it, and gives what each has left. The log is that of all.
    pub fn stop(mut self) -> Vec<Left> {
        self.component.terminate();
        let lines = |signal: &str, index: usize| self.component.lines(&format!("{signal}{index}.jsonl"));
        let left =
            |index| Left { traces: lines("traces", index), logs: lines("logs", index), log: self.component.log() };
        (0..self.http.len()).map(left).collect()
    }
}

/// A configuration whose parts have names of their own: what the Collector merges stays apart. What goes to Jaeger goes to
/// the same one.
fn renamed(text: &str, index: usize) -> String {
    // A debugging Collector has no file of traces.
    let file = usize::from(!text.contains("\n  otlp_http/jaeger:\n"));
    // Each line of them is there this often, and no text of a registry is a line of its own.
    let parts = [
        ("  otlp:", 1, format!("  otlp/{index}:")),
        ("  filter/usage:", 1, format!("  filter/{index}:")),
        ("  transform/usage:", 1, format!("  transform/{index}:")),
        ("  filter/undeclared:", 1, format!("  filter/undeclared{index}:")),
        ("  transform/schema:", 1, format!("  transform/schema{index}:")),
        ("  file/traces:", file, format!("  file/traces{index}:")),
        ("  file/logs:", 1, format!("  file/logs{index}:")),
        ("    path: ${env:SCRUPLE_FOLDER:-.}/traces.jsonl", file, format!("    path: traces{index}.jsonl")),
        ("    path: ${env:SCRUPLE_FOLDER:-.}/logs.jsonl", 1, format!("    path: logs{index}.jsonl")),
        ("    traces:", 1, format!("    traces/{index}:")),
        ("    logs:", 2, format!("    logs/{index}:")),
        ("      receivers: [otlp]", 2, format!("      receivers: [otlp/{index}]")),
        ("      exporters: [file/traces]", file, format!("      exporters: [file/traces{index}]")),
        ("      exporters: [file/logs]", 1, format!("      exporters: [file/logs{index}]")),
        // The heap is that of all of them.
        ("    limit_mib: 256", 1, "    limit_mib: 2048".to_owned()),
    ];
    let mut seen = [0; 15];
    let mut pipelines = false;
    let lines = text.lines().map(|line| {
        pipelines |= line == "  pipelines:";
        // It depends on the registry's size.
        let line = if line.starts_with("    limit_mib: ") { "    limit_mib: 256" } else { line };
        let Some(part) = parts.iter().position(|(is, ..)| *is == line) else {
            return line
                .replace(
                    "filter/usage, transform/usage, filter/undeclared",
                    &format!("filter/{index}, transform/{index}, filter/undeclared{index}"),
                )
                .replace("transform/schema]", &format!("transform/schema{index}]"))
                .replace("{env:SCRUPLE_GRPC_PORT:", &format!("{{env:SCRUPLE_GRPC_PORT_{index}:"))
                .replace("{env:SCRUPLE_HTTP_PORT:", &format!("{{env:SCRUPLE_HTTP_PORT_{index}:"));
        };
        seen[part] += 1;
        // The Collector's own log is configured under the same word.
        if line == "    logs:" && !pipelines { line.to_owned() } else { parts[part].2.clone() }
    });
    let renamed = lines.collect::<Vec<_>>().join("\n");
    assert_eq!(seen, parts.map(|(_, times, _)| times), "the parts of a configuration");
    renamed
}
