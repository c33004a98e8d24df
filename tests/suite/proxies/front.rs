//! A proxy in front of a server, with the configuration of `docs/proxies.md`, and TLS to it.
#![allow(clippy::disallowed_methods)]

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use crate::kit::endpoint::Endpoint;
use crate::kit::folder::Folder;
use crate::kit::*;

/// The name in the documentation.
pub const HOST: &str = "chat.example.org";

const DOCUMENTATION: &str = include_str!("../../../docs/proxies.md");
/// A proxy may take so long to listen on a busy machine.
const START: Duration = Duration::from_secs(30);

/// A proxy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Nginx,
    Caddy,
    Apache,
}

impl Kind {
    const fn program(self) -> &'static str {
        match self {
            Self::Nginx => "nginx",
            Self::Caddy => "caddy",
            Self::Apache => "apache2",
        }
    }

    /// The configuration that the documentation gives.
    pub fn recipe(self) -> String {
        let language = if self == Self::Apache { "apache" } else { self.program() };
        let begins = format!("```{language}\n");
        let mut blocks = DOCUMENTATION.split(&begins).skip(1);
        let recipe = blocks.next().unwrap().split("```").next().unwrap().to_owned();
        assert!(blocks.next().is_none(), "one recipe for {language}");
        recipe
    }

    /// True where this proxy and `openssl` are installed. Where they are not, reports it; with `CI=true` that is a failure.
    pub fn is_installed(self) -> bool {
        for program in [self.program(), "openssl"] {
            if path_of(program).is_none() {
                skipped(&format!("{program} is not installed"));
                return false;
            }
        }
        true
    }
}

/// Where a program is, also where only an administrator's shell looks.
fn path_of(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var("PATH").unwrap_or_default();
    let folders = path.split(':').chain(["/usr/sbin", "/usr/local/sbin", "/sbin"]);
    folders.map(|folder| Path::new(folder).join(program)).find(|path| path.is_file())
}

/// A running proxy; ended when dropped.
pub struct Front {
    process: Child,
    address: SocketAddr,
    folder: Folder,
}

impl Drop for Front {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        if thread::panicking() {
            let log = fs::read_to_string(self.folder.path().join("log")).unwrap_or_default();
            eprintln!("--- the proxy's log:\n{log}");
        }
    }
}

impl Front {
    /// Starts this proxy in front of `server` with a recipe, in which only ports, addresses and files become the test's.
    pub fn start(kind: Kind, recipe: &str, server: &Server) -> Self {
        let folder = Folder::new();
        let (certificate, key) = (folder.path().join("certificate"), folder.path().join("key"));
        let mut openssl = Command::new("openssl");
        openssl.args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ]);
        openssl.args(["-subj", &format!("/CN={HOST}"), "-keyout"]).arg(&key).arg("-out").arg(&certificate);
        assert!(openssl.stderr(Stdio::null()).status().unwrap().success(), "no certificate");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let replaced = [
            ("listen 443 ssl".to_owned(), format!("listen 127.0.0.1:{port} ssl")),
            ("*:443".to_owned(), format!("127.0.0.1:{port}")),
            ("127.0.0.1:5000".to_owned(), server.endpoint().address().to_string()),
            (format!("/etc/ssl/{HOST}.pem"), certificate.display().to_string()),
            (format!("/etc/ssl/{HOST}.key"), key.display().to_string()),
        ];
        let recipe = replaced.iter().fold(recipe.to_owned(), |recipe, (from, to)| recipe.replace(from, to));
        let config = folder.path().join("config");
        fs::write(&config, around(kind, &recipe, folder.path(), port)).unwrap();
        let mut command = Command::new(path_of(kind.program()).unwrap());
        match kind {
            Kind::Nginx => command.arg("-c").arg(&config).args(["-e", "stderr"]),
            Kind::Caddy => command.args(["run", "--adapter", "caddyfile", "--config"]).arg(&config),
            Kind::Apache => command.args(["-X", "-f"]).arg(&config),
        };
        let log = fs::File::create(folder.path().join("log")).unwrap();
        command.env("HOME", folder.path()).current_dir(folder.path()).stdin(Stdio::null());
        command.stdout(log.try_clone().unwrap()).stderr(log);
        let mut front = Self { process: command.spawn().unwrap(), address: ([127, 0, 0, 1], port).into(), folder };
        let greeting = format!("GET /healthz HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n");
        until("the proxy answers", START, || {
            assert!(front.process.try_wait().unwrap().is_none(), "the proxy has ended");
            let mut stream = TcpStream::connect(front.endpoint("127.0.0.1").address()).unwrap();
            let _ = stream.write_all(greeting.as_bytes());
            dial::read_reply(&mut stream, START).is_some_and(|reply| reply.status == 200)
        });
        front
    }

    /// A plain endpoint that forwards to this proxy over TLS, from this loopback address.
    pub fn endpoint(&self, from: &'static str) -> Endpoint {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let endpoint = Endpoint::at(listener.local_addr().unwrap());
        let proxy = self.address;
        // Ends with the tests' process.
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                thread::spawn(move || tunnel(&stream, proxy, from));
            }
        });
        endpoint
    }
}

/// Carries one connection over TLS until either side ends.
fn tunnel(stream: &TcpStream, proxy: SocketAddr, from: &str) {
    let mut openssl = Command::new("openssl");
    openssl.args(["s_client", "-quiet", "-connect", &proxy.to_string(), "-servername", HOST, "-bind", from]);
    let mut openssl = openssl.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
    let (mut to, mut back) = (openssl.stdin.take().unwrap(), openssl.stdout.take().unwrap());
    thread::scope(|scope| {
        scope.spawn(|| {
            carry(&mut &*stream, &mut to);
            // The client has gone.
            let _ = openssl.kill();
        });
        carry(&mut back, &mut &*stream);
        let _ = stream.shutdown(Shutdown::Both);
    });
    let _ = openssl.wait();
}

/// Hands on what comes as it comes. Not `io::copy`, which may leave that to the kernel and wait for more.
fn carry(from: &mut impl Read, to: &mut impl Write) {
    let mut piece = [0; 16 * 1024];
    while let Ok(count @ 1..) = from.read(&mut piece) {
        if to.write_all(&piece[..count]).and_then(|()| to.flush()).is_err() {
            break;
        }
    }
}

/// A recipe within the configuration that a system has around it.
fn around(kind: Kind, recipe: &str, folder: &Path, port: u16) -> String {
    let folder = folder.display();
    match kind {
        Kind::Nginx => {
            let places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"];
            let places = places.map(|place| format!("{place}_temp_path {folder}/{place};")).join("\n");
            format!(
                "daemon off;\nmaster_process off;\npid {folder}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log \
                 off;\n{places}\n{recipe}\n}}\n"
            )
        }
        Kind::Caddy => format!(
            "{{\nadmin off\nauto_https disable_redirects\nlocal_certs\nskip_install_trust\nhttps_port {port}\ndefault_bind \
             127.0.0.1\nstorage file_system {folder}/storage\n}}\n{recipe}"
        ),
        Kind::Apache => {
            let modules = ["mpm_event", "authz_core", "ssl", "proxy", "proxy_http"];
            let modules = modules
                .map(|module| format!("LoadModule {module}_module /usr/lib/apache2/modules/mod_{module}.so"))
                .join("\n");
            format!(
                "ServerRoot {folder}\nDefaultRuntimeDir {folder}\nPidFile {folder}/pid\nErrorLog /dev/stderr\nServerName \
                 localhost\nUser www-data\nGroup www-data\nListen 127.0.0.1:{port}\n{modules}\n{recipe}"
            )
        }
    }
}
