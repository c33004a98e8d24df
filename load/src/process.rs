//! What Linux reports of a process: CPU time, memory, descriptors. Limits and pinning are changed through the commands of
//! util-linux, which need no unsafe code here.

use std::process::Command;
use std::time::Duration;

use crate::error::LoadError;
use crate::number::{count, real};

#[derive(Clone, Copy, Debug)]
pub struct Process {
    pid: u32,
}

impl Process {
    pub fn new(pid: u32) -> Self {
        Self { pid }
    }

    pub fn myself() -> Self {
        Self::new(std::process::id())
    }

    /// CPU time spent so far, its own and the kernel's for it.
    pub fn cpu(&self) -> Result<Duration, LoadError> {
        let stat = self.read("stat")?;
        // The command's name, in parentheses, may hold anything; utime and stime are the 12th and 13th behind it.
        let fields = stat.rsplit_once(')').map_or("", |(_, fields)| fields);
        let ticks: u64 = fields.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<u64>().ok()).sum();
        Ok(Duration::from_secs_f64(real(ticks) / real(ticks_per_second())))
    }

    pub fn resident(&self) -> Result<u64, LoadError> {
        let status = self.read("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        let kilobytes = line.split_whitespace().next().and_then(|field| field.parse::<u64>().ok()).unwrap_or(0);
        Ok(kilobytes * 1024)
    }

    /// Soft and hard limit of open descriptors; the largest number for "unlimited".
    fn descriptors(&self) -> Result<(u64, u64), LoadError> {
        let limits = self.read("limits")?;
        let line = limits.lines().find_map(|line| line.strip_prefix("Max open files")).unwrap_or_default();
        let mut fields = line.split_whitespace().map(|field| field.parse().unwrap_or(u64::MAX));
        Ok((fields.next().unwrap_or(u64::MAX), fields.next().unwrap_or(u64::MAX)))
    }

    fn read(&self, name: &str) -> Result<String, LoadError> {
        let path = format!("/proc/{}/{name}", self.pid);
        std::fs::read_to_string(&path).map_err(LoadError::system(path))
    }
}

fn ticks_per_second() -> u64 {
    let answer = Command::new("getconf").arg("CLK_TCK").output().ok();
    let text = answer.and_then(|output| String::from_utf8(output.stdout).ok());
    text.and_then(|text| text.trim().parse().ok()).filter(|ticks| *ticks > 0).unwrap_or(100)
}

/// Raises this program's limit of descriptors where it is below `wanted`; children inherit it.
pub fn allow_descriptors(wanted: usize) -> Result<(), LoadError> {
    let (myself, wanted) = (Process::myself(), count(wanted));
    let (soft, hard) = myself.descriptors()?;
    if soft >= wanted {
        return Ok(());
    }
    // Beyond the hard limit only root gets.
    let limit = format!("--nofile={wanted}:{}", hard.max(wanted));
    let _ = Command::new("prlimit").args(["--pid", &myself.pid.to_string(), &limit]).output();
    if myself.descriptors()?.0 >= wanted {
        return Ok(());
    }
    Err(LoadError::Usage(format!(
        "{wanted} open descriptors are needed and {soft} allowed: `ulimit -n {wanted}` first"
    )))
}

/// Keeps this program, and every thread it starts from now on, on these CPUs.
pub fn pin_myself(cpus: &str) -> Result<(), LoadError> {
    let pid = std::process::id().to_string();
    let output =
        Command::new("taskset").args(["-a", "-p", "-c", cpus, &pid]).output().map_err(LoadError::system("taskset"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(LoadError::Usage(format!("taskset: {}", String::from_utf8_lossy(&output.stderr).trim())))
}
