//! The parts of README.md that commands write, each between two comments.

use std::fs;

use anyhow::{Context, Result};

use crate::root;

/// Puts what `command` measured between its comments.
pub fn write(command: &str, text: &str) -> Result<()> {
    let path = root().join("README.md");
    let readme = fs::read_to_string(&path)?;
    let replaced = replaced(&readme, command, text)
        .with_context(|| format!("README.md has no <!-- {command} --> and <!-- end of {command} -->"))?;
    println!("README.md has the figures of {command}");
    Ok(fs::write(path, replaced)?)
}

fn replaced(readme: &str, command: &str, text: &str) -> Option<String> {
    let (start, end) = (format!("<!-- {command} -->\n"), format!("<!-- end of {command} -->"));
    let (before, rest) = readme.split_once(&start)?;
    let (_, after) = rest.split_once(&end)?;
    Some(format!("{before}{start}{text}{end}{after}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_its_part_changes() {
        let readme = "a\n<!-- make x -->\nold\n<!-- end of make x -->\nb\n";
        assert_eq!(
            replaced(readme, "make x", "| new |\n").as_deref(),
            Some("a\n<!-- make x -->\n| new |\n<!-- end of make x -->\nb\n")
        );
        assert_eq!(replaced(readme, "make y", "| new |\n"), None);
    }

    #[test]
    fn the_readme_has_a_place_for_each_command() {
        let readme = fs::read_to_string(root().join("README.md")).unwrap();
        for command in ["make bench", "make bench-embed", "make sizes"] {
            assert!(replaced(&readme, command, "").is_some(), "{command}");
        }
    }
}
