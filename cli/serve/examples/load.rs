//! Measures the server under load, by `wrk` on loopback: good scripts alone, good ones while hostile ones run, and sessions.
//!
//! ```sh
//! cargo run --release -p moonlet-serve --example load -- --seconds 60
//! ```

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, bail, ensure};
use clap::Parser;

/// Measures the server under load
#[derive(Parser)]
struct Arguments {
    /// How long each measurement takes
    #[arg(long, default_value = "60")]
    seconds: u32,
    /// Connections at once
    #[arg(long, default_value = "64")]
    connections: u32,
    /// How many of them send hostile scripts, where there are some
    #[arg(long, default_value = "6")]
    hostile: u32,
    /// Sessions on disk
    #[arg(long, default_value = "10000")]
    sessions: u32,
    /// The server [default: moonlet-serve beside this program]
    #[arg(long)]
    program: Option<PathBuf>,
}

/// What a good client sends.
const GOOD: &str = r#"
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = [[{"code": "local t = {} for i = 1, 20 do t[i] = i * i end return #t, table.concat(t, ',')"}]]
"#;

/// What a hostile one sends: each script keeps the processor, the memory or the output in another way until a limit ends it.
const HOSTILE: &str = r#"
local scripts = {
  "while true do end",
  "while true do pcall(error) end",
  "local t = setmetatable({}, {__gc = function() while true do end end}) t = nil collectgarbage()",
  "coroutine.wrap(function() while true do end end)()",
  "for i = 1, 1e9 do local s = string.rep('x', 1 << 20) end",
  "local s = ('a'):rep(1000) return s:find(('.-'):rep(20) .. 'b')",
  "local t = {} while true do t[#t + 1] = ('x'):rep(10000) .. #t end",
  "local function f() return f() end f()",
  "table.sort(setmetatable({}, {__len = function() return 1e6 end, __index = function() return 1 end}))",
  "for i = 1, 1e9 do print(i) end",
  "local f <close> = setmetatable({}, {__close = function() while true do end end}) while true do end",
}
local next = 0
function request()
  next = next % #scripts + 1
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, '{"code": "' .. scripts[next] .. '"}')
end
"#;

/// What clients of sessions send.
const SESSIONS: &str = r#"
local text = [[{"code": "n = (n or 0) + 1 return n", "session": "s%d"}]]
function request()
  return wrk.format("POST", nil, {["Content-Type"] = "application/json"}, text:format(math.random(COUNT)))
end
"#;

/// What all of them print at the end.
const DONE: &str = r#"
function done(summary, latency, requests)
  local line = ("%9.1f requests a second"):format(summary.requests / (summary.duration / 1e6))
  for _, percent in ipairs {50, 90, 99, 99.9} do
    line = line .. (", p%s %.2f ms"):format(percent, latency:percentile(percent) / 1000)
  end
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  print("FIGURES " .. line .. (", max %.2f ms; %d refused, %d lost"):format(latency.max / 1000, errors.status, lost))
end
"#;

/// A process that is killed with this.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// A folder that is deleted with this.
struct Folder(PathBuf);

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// Starts the server: its process and its address.
fn start(program: &Path, folder: &Path, connections: u32) -> Result<(Killed, String)> {
    let mut command = Command::new(program);
    command.args(["--tethered", "--listen", "127.0.0.1:0", "--client-rate", "0", "--client-running", "0"]);
    command.args([
        "--client-connections",
        "0",
        "--client-sessions",
        "0",
        "--running",
        &(connections + 8).to_string(),
        "--sessions",
        "1000000",
    ]);
    command.arg("--database").arg(folder.join("sessions.db")).arg("--cache").arg(folder.join("cache"));
    // The log is written, as it would be.
    let log = folder.join("log");
    command.stdin(Stdio::piped()).stderr(fs::File::create(&log)?);
    let server = Killed(command.spawn().with_context(|| format!("{} cannot be started", program.display()))?);
    let begun = Instant::now();
    loop {
        let text = fs::read_to_string(&log)?;
        if let Some((_, rest)) = text.split_once("listening at http://") {
            return Ok((server, rest.lines().next().unwrap_or_default().to_string()));
        }
        ensure!(begun.elapsed().as_secs() < 60, "the server did not start: {text}");
        std::thread::sleep(std::time::Duration::from_millis(20));
    }
}

/// Starts wrk with a script.
fn wrk(
    folder: &Path,
    name: &str,
    script: &str,
    address: &str,
    connections: u32,
    seconds: u32,
) -> Result<Killed> {
    let file = folder.join(format!("{name}.lua"));
    fs::write(&file, format!("{script}{DONE}"))?;
    let mut command = Command::new("wrk");
    command.args(["-t1", &format!("-c{connections}"), &format!("-d{seconds}s"), "--timeout", "30s", "-s"]);
    command.arg(file).arg(format!("http://{address}/api/lua")).stdout(Stdio::piped());
    match command.spawn() {
        Ok(child) => Ok(Killed(child)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            bail!("wrk is not installed; install it (Debian: apt-get install wrk)")
        }
        Err(error) => Err(error.into()),
    }
}

/// Waits for wrk, and prints its figures.
fn figures(what: &str, mut wrk: Killed) -> Result<()> {
    let mut text = String::new();
    wrk.0.stdout.take().context("its output is taken once")?.read_to_string(&mut text)?;
    wrk.0.wait()?;
    let line = text.lines().find_map(|line| line.strip_prefix("FIGURES "));
    println!("{what:<28}{}", line.with_context(|| format!("wrk gave no figures: {text}"))?);
    Ok(())
}

/// Connections that make sessions.
const MAKERS: u32 = 16;

/// Makes sessions and runs a script in each.
fn fill(address: &str, count: u32) -> Result<()> {
    std::thread::scope(|scope| {
        let makers: Vec<_> = (0..MAKERS)
            .map(|maker| scope.spawn(move || make(address, (maker + 1..=count).step_by(MAKERS as usize))))
            .collect();
        makers.into_iter().try_for_each(|maker| maker.join().expect("a maker does not panic"))
    })
}

/// Makes sessions of these numbers, over one connection.
fn make(address: &str, numbers: impl Iterator<Item = u32>) -> Result<()> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut post = |path: &str, body: String, expected: &str| -> Result<()> {
        let length = body.len();
        let request = format!(
            "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        stream.write_all(request.as_bytes())?;
        let (mut status, mut length) = (String::new(), 0);
        reader.read_line(&mut status)?;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line)?;
            match line.trim_end().split_once(": ") {
                Some(("content-length", value)) => length = value.parse()?,
                Some(_) => {}
                None => break,
            }
        }
        let mut answer = vec![0; length];
        reader.read_exact(&mut answer)?;
        ensure!(status.contains(expected), "{status}{}", String::from_utf8_lossy(&answer));
        Ok(())
    };
    for number in numbers {
        post("/api/sessions", format!(r#"{{"name": "s{number}"}}"#), " 201 ")?;
        let code = "local t = {} for i = 1, 100 do t[i] = i .. '' end kept = t";
        post("/api/lua", format!(r#"{{"code": "{code}", "session": "s{number}"}}"#), " 200 ")?;
    }
    Ok(())
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    let own = std::env::current_exe()?;
    let beside = own.ancestors().nth(2).context("the program lies in a folder")?.join("moonlet-serve");
    let program = arguments.program.unwrap_or(beside);
    ensure!(
        program.exists(),
        "{} is not there; build it by `cargo build --release -p moonlet-serve`, or name another by --program",
        program.display()
    );
    let folder = Folder(std::env::temp_dir().join(format!("moonlet-load-{}", std::process::id())));
    fs::create_dir_all(&folder.0)?;
    let (connections, hostile, seconds) = (arguments.connections, arguments.hostile, arguments.seconds);
    let (_server, address) = start(&program, &folder.0, connections)?;
    let good = |name: &str, connections| wrk(&folder.0, name, GOOD, &address, connections, seconds);

    println!("{seconds} s each, {connections} connections, wrk and server on the same machine");
    figures("good scripts", good("alone", connections)?)?;
    let bad = wrk(&folder.0, "hostile", HOSTILE, &address, hostile, seconds)?;
    let among = good("among", connections - hostile)?;
    figures(&format!("good beside {hostile} hostile"), among)?;
    figures("the hostile", bad)?;

    if arguments.sessions > 0 {
        let begun = Instant::now();
        fill(&address, arguments.sessions)?;
        let each = begun.elapsed().as_secs_f64() * 1000.0 / f64::from(arguments.sessions);
        let size = fs::metadata(folder.0.join("sessions.db"))?.len() >> 20;
        println!("{} sessions made and used, {each:.2} ms each; {size} MiB on disk", arguments.sessions);
        let script = SESSIONS.replace("COUNT", &arguments.sessions.to_string());
        figures(
            "requests in sessions",
            wrk(&folder.0, "sessions", &script, &address, connections, seconds)?,
        )?;
    }
    Ok(())
}
