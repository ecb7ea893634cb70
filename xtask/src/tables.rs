//! Tables of what the host packages' commands print, in Markdown.

use std::fmt::Write;

use serde_json::Value;

/// The cell of a field: text as it is, `[passed, all]` as "passed of all", nothing where there is none.
fn cell(row: &Value, field: &str) -> String {
    match row.get(field) {
        Some(Value::String(text)) => text.clone(),
        Some(Value::Number(number)) => number.to_string(),
        Some(Value::Array(counts)) => counts.iter().map(Value::to_string).collect::<Vec<_>>().join(" of "),
        _ => String::new(),
    }
}

fn line(table: &mut String, cells: impl IntoIterator<Item = String>) {
    for cell in cells {
        // Breaks and bars would end the cell.
        let _ = write!(table, "| {} ", cell.replace('|', "/").lines().next().unwrap_or_default());
    }
    table.push_str("|\n");
}

fn head(columns: &[String]) -> String {
    let mut table = String::new();
    line(&mut table, columns.iter().cloned());
    line(&mut table, columns.iter().map(|_| "---".to_string()));
    table
}

/// What an engine passes, how deep calls go, a new state with its first result in milliseconds, two scripts against native Lua; or why not.
pub fn engines(rows: &[Value]) -> String {
    let fields = [
        "package",
        "engine",
        "version",
        "way",
        "vectors",
        "programs",
        "conformance",
        "depth",
        "start",
        "fib",
        "strings",
        "notes",
    ];
    let heads = fields.map(|field| match field {
        "start" => "start, ms",
        "fib" => "fib, × native",
        "strings" => "strings, × native",
        other => other,
    });
    let columns: Vec<String> = heads.into_iter().chain(["not"]).map(String::from).collect();
    let mut table = head(&columns);
    for row in rows {
        let failed = row["failed"].as_array().map_or(&[][..], Vec::as_slice);
        let why = failed.iter().filter_map(Value::as_str).collect::<Vec<_>>().join("; ");
        let cells = fields.iter().map(|field| cell(row, field));
        line(&mut table, cells.chain([why]));
    }
    table
}

/// A row for each task, in the order in which they came first; a column for each host.
pub fn figures(rows: &[(&str, Value)]) -> String {
    let (mut tasks, mut hosts, mut versions): (Vec<String>, Vec<String>, Vec<String>) = Default::default();
    let mut figures = Vec::new();
    for (package, row) in rows {
        if let Some(Value::Object(found)) = row.get("versions") {
            versions
                .extend(found.iter().map(|(name, version)| format!("{package}: {name} {}", text(version))));
            continue;
        }
        let task = format!("{}, {}", cell(row, "task"), cell(row, "unit"));
        let host = cell(row, "host");
        for (list, name) in [(&mut tasks, &task), (&mut hosts, &host)] {
            if !list.contains(name) {
                list.push(name.clone());
            }
        }
        figures.push((task, host, text(&row["value"])));
    }
    let columns: Vec<String> = ["task".to_string()].into_iter().chain(hosts.iter().cloned()).collect();
    let mut table = format!("{}\n\n{}", versions.join(", "), head(&columns));
    for task in &tasks {
        let found = |host: &String| figures.iter().find(|figure| (&figure.0, &figure.1) == (task, host));
        let cells = hosts.iter().map(|host| found(host).map_or(String::new(), |figure| figure.2.clone()));
        line(&mut table, [task.clone()].into_iter().chain(cells));
    }
    table
}

/// A figure with three digits or more; text as it is.
fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => {
            let number = number.as_f64().unwrap_or(f64::NAN);
            let digits = if number.abs() < 10.0 { 2 } else { usize::from(number.abs() < 100.0) };
            format!("{number:.digits$}")
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn engines_have_a_row_each() {
        let passed = json!({"package": "rust", "engine": "wasmi", "version": "2.0.0", "vectors": [496, 496], "programs": [7, 7], "depth": 196, "start": 1.25, "fib": 12.5, "failed": []});
        let not =
            json!({"package": "js", "engine": "Node", "way": "file", "failed": ["took too long", "a|b\nc"]});
        let lines = "| package | engine | version | way | vectors | programs | conformance | depth | start, ms | fib, × native | strings, × native | notes | not |\n\
                     | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |\n\
                     | rust | wasmi | 2.0.0 |  | 496 of 496 | 7 of 7 |  | 196 | 1.25 | 12.5 |  |  |  |\n\
                     | js | Node |  | file |  |  |  |  |  |  |  |  | took too long; a/b |\n";
        assert_eq!(engines(&[passed, not]), lines);
    }

    #[test]
    fn figures_stand_beside_each_other() {
        let figure = |task, host, value: Value, unit| json!({"task": task, "host": host, "value": value, "unit": unit});
        let rows = [
            ("js", json!({"versions": {"node": "v20"}})),
            ("js", figure("create", "moonlet", json!(123.4), "us")),
            ("js", figure("call", "moonlet", json!(1.234), "us")),
            ("python", figure("create", "lupa", json!(12.34), "us")),
            ("python", figure("call", "other", json!("fails"), "us")),
        ];
        let lines = "js: node v20\n\n\
                     | task | moonlet | lupa | other |\n\
                     | --- | --- | --- | --- |\n\
                     | create, us | 123 | 12.3 |  |\n\
                     | call, us | 1.23 |  | fails |\n";
        assert_eq!(figures(&rows), lines);
    }
}
