//! A minimal HTTP/1.1 client on a raw socket: one request at a time on a connection that stays open.
//!
//! It shares its cores with the server it measures, so it reads no more of an answer than the status
//! and the length. Bodies without `content-length` are an error.

use std::io;
use std::net::{SocketAddr, ToSocketAddrs};

use anyhow::{Context, Result, bail};
use memchr::memmem;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The server under measurement and the key it wants.
#[derive(Clone, Debug)]
pub struct Target {
    pub addr: SocketAddr,
    pub key: String,
}

impl Target {
    pub fn new(url: &str, key: &str) -> Result<Self> {
        let Some(authority) = url.strip_prefix("http://") else {
            bail!("`{url}` does not start with http://");
        };
        let authority = authority.trim_end_matches('/');
        let addr = authority
            .to_socket_addrs()
            .with_context(|| format!("`{authority}` is not a host and a port"))?
            .next()
            .with_context(|| format!("`{authority}` has no address"))?;
        Ok(Self { addr, key: key.to_owned() })
    }
}

/// The part of a request that is the same every time.
#[derive(Clone, Debug)]
pub struct Template {
    head: Vec<u8>,
}

impl Template {
    pub fn new(target: &Target, method: &str, path: &str) -> Self {
        let Target { addr, key } = target;
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: {addr}\r\nx-api-key: {key}\r\n\
             content-type: application/json\r\ncontent-length: "
        );
        Self { head: head.into_bytes() }
    }

    /// Writes the whole request into `request`, replacing what was there.
    pub fn fill(&self, request: &mut Vec<u8>, body: &[u8]) {
        request.clear();
        request.extend_from_slice(&self.head);
        request.extend_from_slice(body.len().to_string().as_bytes());
        request.extend_from_slice(b"\r\n\r\n");
        request.extend_from_slice(body);
    }
}

/// What came back.
#[derive(Clone, Copy, Debug)]
pub struct Answer<'a> {
    pub status: u16,
    pub body: &'a [u8],
}

impl Answer<'_> {
    pub fn is_success(&self) -> bool {
        (200..300).contains(&self.status)
    }
}

/// One connection, kept alive.
#[derive(Debug)]
pub struct Connection {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Connection {
    pub async fn open(addr: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        Ok(Self { stream, received: Vec::with_capacity(16 * 1024) })
    }

    /// Sends a whole request and waits for its whole answer.
    pub async fn call(&mut self, request: &[u8]) -> io::Result<Answer<'_>> {
        self.received.clear();
        self.stream.write_all(request).await?;
        let head_end = loop {
            self.receive().await?;
            if let Some(at) = memmem::find(&self.received, b"\r\n\r\n") {
                break at + 4;
            }
        };
        let (status, length) = read_head(&self.received[..head_end])?;
        while self.received.len() < head_end + length {
            self.receive().await?;
        }
        Ok(Answer { status, body: &self.received[head_end..head_end + length] })
    }

    async fn receive(&mut self) -> io::Result<()> {
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }
}

/// One request on a connection of its own, for what is not measured; the answer must be a success.
pub async fn once(target: &Target, method: &str, path: &str, body: &[u8]) -> Result<Vec<u8>> {
    let mut request = Vec::new();
    Template::new(target, method, path).fill(&mut request, body);
    let mut connection = Connection::open(target.addr).await?;
    let answer = connection.call(&request).await?;
    if !answer.is_success() {
        bail!(
            "{method} {path} was answered {}: {}",
            answer.status,
            String::from_utf8_lossy(answer.body)
        );
    }
    Ok(answer.body.to_vec())
}

fn read_head(head: &[u8]) -> io::Result<(u16, usize)> {
    let unreadable =
        || io::Error::new(io::ErrorKind::InvalidData, "an answer without a status or a length");
    let status = head.get(9..12).and_then(parse).ok_or_else(unreadable)?;
    let length = head
        .split(|byte| *byte == b'\n')
        .find_map(|line| {
            let (name, value) = line.split_at_checked("content-length:".len())?;
            name.eq_ignore_ascii_case(b"content-length:").then_some(value)
        })
        .and_then(parse)
        .ok_or_else(unreadable)?;
    Ok((u16::try_from(status).map_err(|_| unreadable())?, length))
}

fn parse(digits: &[u8]) -> Option<usize> {
    str::from_utf8(digits).ok()?.trim().parse().ok()
}
