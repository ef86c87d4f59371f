//! A wire between client and server that can be cut and mended; the server notices nothing.

use std::fs;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde_json::Value;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

pub struct Proxy {
    address: SocketAddr,
    server: String,
    wires: Option<JoinHandle<()>>,
}

impl Proxy {
    /// A proxy in front of `https://host:port`.
    pub async fn before(url: &str) -> Self {
        let server = url.trim_start_matches("https://").to_owned();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let wires = Some(tokio::spawn(serve(listener, server.clone())));
        Self {
            address,
            server,
            wires,
        }
    }

    /// A copy of the kubeconfig that leads through the proxy.
    pub fn kubeconfig(&self, direct: &Path) -> PathBuf {
        let text = fs::read_to_string(direct).unwrap();
        let mut config: Value = serde_json::from_str(&text).unwrap();
        let url = format!("https://{}", self.address);
        config["clusters"][0]["cluster"]["server"] = url.into();
        let path = direct.with_extension("through-proxy");
        fs::write(&path, config.to_string()).unwrap();
        path
    }

    /// Ends all connections and accepts no new ones.
    pub async fn cut(&mut self) {
        let wires = self.wires.take().expect("the wire is whole");
        wires.abort();
        // The listener is closed once the task is gone.
        let _ = wires.await;
    }

    /// Accepts connections again.
    pub async fn mend(&mut self) {
        let listener = TcpListener::bind(self.address).await.unwrap();
        self.wires = Some(tokio::spawn(serve(listener, self.server.clone())));
    }
}

async fn serve(listener: TcpListener, server: String) {
    let mut wires = JoinSet::new();
    while let Ok((mut near, _)) = listener.accept().await {
        let server = server.clone();
        wires.spawn(async move {
            if let Ok(mut far) = TcpStream::connect(server).await {
                let _ = copy_bidirectional(&mut near, &mut far).await;
            }
        });
    }
}
