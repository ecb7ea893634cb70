//! Help, completions and manual pages.

use crate::harness::Folder;

#[test]
fn help_names_every_command_and_option() {
    let folder = Folder::new();
    let help = folder.run(&["--help"]).printed();
    for word in
        ["repl", "resume", "inspect", "completions", "man", "-e", "-l", "--fuel", "--dir", "--snapshot"]
    {
        assert!(help.contains(word), "{word}: {help}");
    }
    let help = folder.run(&["resume", "--help"]).printed();
    assert!(help.contains("Usage: moonlet resume [OPTIONS] <FILE> [ANSWER]..."), "{help}");
    assert!(folder.run(&["--version"]).printed().starts_with("moonlet 0."));
}

#[test]
fn shells_can_read_the_completions() {
    let folder = Folder::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let text = folder.run(&["completions", shell]).printed();
        assert!(text.contains("deterministic") && text.contains("resume"), "{shell}");
    }
    let folder = folder.with("completions", Folder::new().run(&["completions", "bash"]).stdout);
    let script = "source completions; COMP_WORDS=(moonlet --det); COMP_CWORD=1; _moonlet moonlet --det moonlet; echo ${COMPREPLY[@]}";
    let output =
        std::process::Command::new("bash").args(["-c", script]).current_dir(folder.path("")).output();
    let output = output.expect("bash runs");
    assert_eq!(String::from_utf8_lossy(&output.stdout), "--deterministic\n", "{output:?}");
}

#[test]
fn manual_pages_are_whole() {
    let folder = Folder::new();
    let page = folder.run(&["man"]).printed();
    for part in
        [".TH moonlet 1", ".SH NAME", ".SH SYNOPSIS", "EXIT STATUS", "ENVIRONMENT", "FILES", "LUA_INIT"]
    {
        assert!(page.contains(part), "{part}: {page}");
    }
    let page = folder.run(&["man", "resume"]).printed();
    assert!(page.contains("moonlet\\-resume"), "{page}");
    assert!(folder.run(&["man", "nothing"]).complaint(2).contains("[possible values: repl"));
}
