//! The command blocks of the documentation, pasted into shells: the blocks of a page share a shell and a fresh server, and they
//! print what the page shows.

use std::fs::{self, File};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::blocks::Block;
use super::{Page, pages};
use crate::kit::command::binary;
use crate::kit::*;

/// The README's first block, which is what runs these tests.
pub const TWO_COMMANDS: &str = "cargo run --release\ncargo test\n";
/// All blocks of a page may take so long.
const PAGE: Duration = Duration::from_secs(60);
/// What the documentation calls the server.
const ADDRESS: &str = "127.0.0.1:5000";
/// Stands between the outputs of two blocks.
const END: &str = "--- end of block";

/// A shell that people paste into.
#[derive(Clone, Copy, Debug)]
enum Shell {
    Bash,
    Zsh,
}

impl Shell {
    /// As people have it, without their settings: interactive, so that comments, history and patterns mean what they mean there.
    fn command(self, options: &[&str]) -> Command {
        let (program, plain) = match self {
            Self::Bash => ("bash", &["--norc", "--noprofile"][..]),
            Self::Zsh => ("zsh", &["-f"][..]),
        };
        let mut command = Command::new(program);
        command.args(plain).args(options);
        command
    }

    /// False where it is not installed, which is reported.
    fn is_installed(self) -> bool {
        let is_there = self.command(&["-c", "exit"]).status().is_ok();
        if !is_there {
            skipped(&format!("{self:?} is not installed"));
        }
        is_there
    }
}

/// True where `curl` is new enough for the documentation.
fn has_curl() -> bool {
    let help = Command::new("curl").args(["--help", "all"]).output();
    let is_there = help.is_ok_and(|help| String::from_utf8_lossy(&help.stdout).contains("--json"));
    if !is_there {
        skipped("curl 7.82 or later is not installed");
    }
    is_there
}

/// True where the output is what a page shows, with `…` for anything.
fn fits(sent: &str, printed: &str) -> bool {
    let mut pieces = sent.split('…');
    let Some(mut rest) = printed.strip_prefix(pieces.next().unwrap_or_default()) else { return false };
    let mut last = None;
    for piece in pieces {
        let Some((_, behind)) = rest.split_once(piece) else { return false };
        (rest, last) = (behind, Some(piece));
    }
    rest.is_empty() || last == Some("") || last.is_some_and(|last| rest.ends_with(last))
}

/// Pastes the blocks of a page, one after the other, and gives back what each printed.
fn paste(shell: Shell, page: &Page, blocks: &[&Block], server: &Server) -> Vec<String> {
    let folder = server.folder().to_owned();
    let address = server.endpoint().address().to_string();
    // A command that fails ends the shell, and what is missing then is seen.
    let mut script = "set -e; PS1= PS2=\n".to_owned();
    for block in blocks {
        script.push_str(&block.text.replace(ADDRESS, &address));
        script.push_str(&format!("echo; echo '{END}'\n"));
    }
    let file = |name: &str| folder.join(name);
    fs::write(file("script"), script).unwrap();
    let parlor = Path::new(binary().get_program()).parent().unwrap().display().to_string();
    #[allow(clippy::disallowed_methods)]
    let path = std::env::var("PATH").unwrap();
    let mut child = shell
        .command(&["-i", "-s"])
        .env_clear()
        .env("PATH", format!("{parlor}:{path}"))
        .env("HOME", &folder)
        .env("LC_ALL", "C.UTF-8")
        .current_dir(&folder)
        .stdin(File::open(file("script")).unwrap())
        .stdout(File::create(file("printed")).unwrap())
        .stderr(File::create(file("errors")).unwrap())
        .spawn()
        .unwrap();
    until("the shell ends", PAGE, || child.try_wait().unwrap().is_some());
    let (printed, errors) = (fs::read(file("printed")).unwrap(), fs::read(file("errors")).unwrap());
    let (printed, errors) = (String::from_utf8_lossy(&printed), String::from_utf8_lossy(&errors));
    let outputs: Vec<String> = printed.split(END).map(|output| output.trim().to_owned()).collect();
    let done = outputs.len() - 1;
    if let Some(failed) = blocks.get(done) {
        panic!("{}:{}: fails in {shell:?}\n{printed}\n{errors}", page.name, failed.line);
    }
    assert!(!errors.contains("command not found"), "{} in {shell:?}: {errors}", page.name);
    outputs
}

fn every_page_works_in(shell: Shell) {
    if skipped_on_postgres("the commands of the pages find SQLite's file in the current folder") {
        return;
    }
    if !shell.is_installed() || !has_curl() {
        return;
    }
    let mut count = 0;
    for page in pages() {
        let blocks = page.blocks();
        let runs = |block: &&Block| block.info == "sh" && block.text != TWO_COMMANDS;
        let commands: Vec<&Block> = blocks.iter().filter(runs).collect();
        if commands.is_empty() {
            continue;
        }
        let server = Server::with(&[("PARLOR_METRICS_TOKEN", "change-me")]);
        let outputs = paste(shell, &page, &commands, &server);
        count += commands.len();
        let followers = blocks.iter().zip(blocks.iter().skip(1)).filter(|(_, next)| next.info == "json output");
        for (block, next) in followers {
            let at = commands.iter().position(|one| one.line == block.line);
            let printed = &outputs[at.unwrap_or_else(|| panic!("{}:{}: output of nothing", page.name, next.line))];
            let pairs = next.text.lines().zip(printed.lines());
            assert_eq!(next.text.lines().count(), printed.lines().count(), "{}:{}: {printed}", page.name, next.line);
            for (sent, printed) in pairs {
                assert!(fits(sent, printed), "{}:{} in {shell:?}:\n{sent}\n{printed}", page.name, next.line);
            }
        }
    }
    assert!(count > 5, "only {count} blocks were run");
}

#[test]
fn every_page_works_pasted_into_bash() {
    every_page_works_in(Shell::Bash);
}

#[test]
fn every_page_works_pasted_into_zsh() {
    every_page_works_in(Shell::Zsh);
}

#[test]
fn examples_are_commands_too() {
    for shell in [Shell::Bash, Shell::Zsh].into_iter().filter(|shell| shell.is_installed()) {
        for page in pages() {
            for block in page.blocks().iter().filter(|block| block.info == "sh example") {
                let checked = shell.command(&["-n", "-c", &block.text]).stderr(Stdio::piped()).output().unwrap();
                let errors = String::from_utf8_lossy(&checked.stderr);
                assert!(checked.status.success(), "{}:{} in {shell:?}: {errors}", page.name, block.line);
            }
        }
    }
}

#[test]
fn three_dots_stand_for_anything() {
    assert!(fits(r#"{"id":"…","seq":1}"#, r#"{"id":"abc","seq":1}"#) && fits("a", "a") && fits("a…", "abc"));
    assert!(!fits(r#"{"id":"…","seq":1}"#, r#"{"id":"abc","seq":2}"#) && !fits("a", "ab") && !fits("…b", "abc"));
    assert!(fits("…b", "abcb"));
}
