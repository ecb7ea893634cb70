//! The chart of the benches: for each kernel a line with a mark for each host, by how many times native Lua's time it took.

use std::fmt::Write;
use std::fs;

use anyhow::Result;

use super::Row;
use super::gates::pairs;
use super::hosts::{NATIVE, NODE, WASMOON, WASMTIME};
use super::statistics::ratio;
use crate::{Lua, root};

/// The hosts that are shown, each with its class of colour and its shape.
const SHOWN: [(&str, &str, Shape); 3] =
    [(WASMTIME, "a", Shape::Circle), (NODE, "b", Shape::Square), (WASMOON, "c", Shape::Diamond)];

/// Told apart without colours too.
#[derive(Clone, Copy)]
enum Shape {
    Circle,
    Square,
    Diamond,
}

const WIDTH: f64 = 760.0;
const LEFT: f64 = 120.0;
const RIGHT: f64 = 20.0;
const TOP: f64 = 64.0;
const STEP: f64 = 17.0;

/// The ends of the logarithmic axis; what lies beyond stands at the end, with its number.
const LEAST: f64 = 0.5;
const MOST: f64 = 8.0;

/// Readable on light and on dark pages: the reader's system says which, and the page shows through.
const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#333}.title{font-weight:600;font-size:14px}\
.grid{stroke:#8884;stroke-width:1}.one{stroke:#888;stroke-width:1.5}.a{fill:#1768b3}.b{fill:#c4561b}.c{fill:#7a7a7a}\
@media(prefers-color-scheme:dark){text{fill:#d5d5d5}.a{fill:#62b0f5}.b{fill:#f29557}.c{fill:#a5a5a5}}";

fn across(ratio: f64) -> f64 {
    let share = (ratio.clamp(LEAST, MOST) / LEAST).ln() / (MOST / LEAST).ln();
    LEFT + share * (WIDTH - LEFT - RIGHT)
}

fn mark(svg: &mut String, class: &str, shape: Shape, x: f64, y: f64) {
    let _ = match shape {
        Shape::Circle => write!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4.5\"/>"),
        Shape::Square => {
            let (x, y) = (x - 4.0, y - 4.0);
            write!(svg, "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{y:.1}\" width=\"8\" height=\"8\"/>")
        }
        Shape::Diamond => write!(svg, "<path class=\"{class}\" d=\"M{:.1} {y:.1}l5-5 5 5-5 5z\"/>", x - 5.0),
    };
}

/// The chart of the kernels' warm runs, with a last line for the geometric means.
fn draw(title: &str, names: &[&str], rows: &[Row]) -> String {
    let height = TOP + STEP * (rows.len() as f64 + 2.0) + 8.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" role=\"img\" aria-label=\"{title}\">\
         <style>{STYLE}</style>\n<text class=\"title\" x=\"8\" y=\"18\">{title}</text>\n"
    );
    let shown: Vec<_> = SHOWN.into_iter().filter(|(name, ..)| names.contains(name)).collect();
    for (place, (name, class, shape)) in shown.iter().enumerate() {
        let x = LEFT + 120.0 * place as f64;
        mark(&mut svg, class, *shape, x, 34.0);
        let _ = writeln!(svg, "<text x=\"{:.0}\" y=\"38\">{name}</text>", x + 10.0);
    }
    let bottom = height - 8.0;
    for tick in [0.5, 0.7, 1.0, 1.5, 2.0, 3.0, 5.0, 8.0] {
        let (x, class) = (across(tick), if tick == 1.0 { "one" } else { "grid" });
        let _ = writeln!(
            svg,
            "<line class=\"{class}\" x1=\"{x:.1}\" x2=\"{x:.1}\" y1=\"{TOP}\" y2=\"{bottom}\"/>\
             <text text-anchor=\"middle\" x=\"{x:.1}\" y=\"{:.0}\">{tick}</text>",
            TOP - 5.0
        );
    }
    let mut line = |place: f64, name: &str, class: &str, rows: &[Row]| {
        let y = TOP + STEP * (place + 0.7);
        let _ = write!(
            svg,
            "<text{class} text-anchor=\"end\" x=\"{:.0}\" y=\"{:.1}\">{name}</text>",
            LEFT - 10.0,
            y + 4.0
        );
        // The hosts of least weight first: those that matter are drawn over them.
        for (host, class, shape) in shown.iter().rev() {
            let pairs = pairs(names, rows, host, NATIVE, &[]);
            if pairs.is_empty() {
                continue;
            }
            let value = ratio(&pairs).value;
            mark(&mut svg, class, *shape, across(value), y);
            if value > MOST {
                let x = across(value) - 10.0;
                let _ = write!(
                    svg,
                    "<text text-anchor=\"end\" x=\"{x:.1}\" y=\"{:.1}\">{value:.0}</text>",
                    y + 4.0
                );
            }
        }
        svg.push('\n');
    };
    for (place, row) in rows.iter().enumerate() {
        line(place as f64, &row.kernel.replace('_', " "), "", std::slice::from_ref(row));
    }
    line(rows.len() as f64 + 0.5, "geometric mean", " class=\"title\"", rows);
    svg.push_str("</svg>\n");
    svg
}

/// Writes the chart beside the figures of that name, and answers it.
pub fn store(lua: Lua, name: &str, names: &[&str], rows: &[Row]) -> Result<String> {
    let title = format!("{}: time of each kernel, in times that of native Lua (less is better)", lua.title());
    let svg = draw(&title, names, rows);
    fs::write(root().join("target/bench").join(name).with_extension("svg"), &svg)?;
    Ok(svg)
}

#[cfg(test)]
mod tests {
    use super::super::Runs;
    use super::*;

    #[test]
    fn a_mark_stands_where_its_ratio_is() {
        assert_eq!(across(LEAST), LEFT);
        assert_eq!(across(MOST), WIDTH - RIGHT);
        assert!((across(2.0) - (LEFT + WIDTH - RIGHT) / 2.0).abs() < 1e-9);
        let runs = [1.0, 2.0, 31.0].map(|time| Runs { warm: vec![time], ..Runs::default() });
        let rows = [Row { kernel: "sort_by".into(), runs: runs.into() }];
        let svg = draw("Lua", &[NATIVE, WASMTIME, WASMOON], &rows);
        assert!(svg.contains(&format!("<circle class=\"a\" cx=\"{:.1}\"", across(2.0))), "{svg}");
        assert!(
            svg.contains(">31</text>") && svg.contains(">sort by</text>") && !svg.contains("Node"),
            "{svg}"
        );
    }
}
