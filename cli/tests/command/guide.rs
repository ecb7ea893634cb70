//! The guide's commands, run, with the output that it shows.

use std::process::Command;

use crate::harness::{Folder, MOONLET, environment};

/// The code blocks of a guide: their language and their lines.
fn blocks(text: &str) -> Vec<(String, Vec<&str>)> {
    let mut blocks = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        if let Some(language) = line.strip_prefix("```") {
            let block = lines.by_ref().take_while(|line| *line != "```").collect();
            blocks.push((language.to_string(), block));
        }
    }
    blocks
}

#[test]
fn the_guide_s_commands_print_what_it_shows() {
    let mut folder = Folder::new();
    folder.run(&["-e", ""]).printed();
    std::fs::create_dir(folder.path("bin")).expect("a folder");
    std::os::unix::fs::symlink(MOONLET, folder.path("bin/moonlet")).expect("a link");
    let path = format!("{}:{}", folder.path("bin").display(), std::env::var("PATH").expect("a path"));
    let mut commands = 0;
    for (language, lines) in blocks(include_str!("../../../docs/using-the-command.md")) {
        match language.as_str() {
            "lua" => {
                let name = lines[0].strip_prefix("-- ").expect("a file's name");
                folder = folder.with(name, lines.join("\n"));
            }
            "console" => {
                // One shell for a block, which marks the end of each command's output.
                let mut script = String::new();
                let mut expected = String::new();
                for line in lines {
                    match line.strip_prefix("$ ") {
                        Some(command) => {
                            script.push_str(command);
                            script.push('\n');
                            commands += 1;
                        }
                        None => expected.extend([line, "\n"]),
                    }
                }
                let output = Command::new("bash")
                    .args(["-c", &format!("exec 2>&1\n{script}")])
                    .current_dir(folder.path(""))
                    .envs(environment(&folder.path("")))
                    .env("PATH", &path)
                    .output()
                    .expect("bash runs");
                assert_eq!(String::from_utf8_lossy(&output.stdout), expected, "{script}");
            }
            _ => {}
        }
    }
    assert!(commands > 10, "{commands} commands");
}
