//! A Socket.IO client over WebSocket, as small as the measurements need: one namespace, text only.
//!
//! A thousand of them share a thread with the load, so frames are read in place and packets are not
//! parsed as JSON unless someone asks.

use std::io;
use std::net::SocketAddr;

use anyhow::{Context, Result, bail, ensure};
use memchr::memmem;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

const TEXT: u8 = 0x81;
const PONG: u8 = 0x8a;

/// A connected client.
#[derive(Debug)]
pub struct Socket {
    stream: TcpStream,
    received: Vec<u8>,
    taken: usize,
    acks: u32,
}

impl Socket {
    /// Connects and waits until the namespace is joined.
    pub async fn connect(addr: SocketAddr) -> Result<Self> {
        let stream = TcpStream::connect(addr).await?;
        stream.set_nodelay(true)?;
        let mut socket = Self { stream, received: Vec::with_capacity(8 * 1024), taken: 0, acks: 0 };
        socket.upgrade(addr).await?;
        ensure!(socket.next().await?.starts_with(b"0"), "the server did not open the session");
        socket.send(b"40").await?;
        let joined = socket.next().await?;
        ensure!(joined.starts_with(b"40"), "refused: {}", String::from_utf8_lossy(joined));
        Ok(socket)
    }

    /// Emits an event and waits for its acknowledgement; `on_packet` gets what arrives in between.
    pub async fn emit(
        &mut self,
        name: &str,
        argument: &Value,
        mut on_packet: impl FnMut(&[u8]),
    ) -> Result<Value> {
        self.acks += 1;
        let packet = format!("42{}[\"{name}\",{argument}]", self.acks);
        let head = format!("43{}[", self.acks);
        self.send(packet.as_bytes()).await?;
        loop {
            let packet = self.next().await?;
            if packet.starts_with(head.as_bytes()) {
                let arguments: Vec<Value> = serde_json::from_slice(&packet[head.len() - 1..])?;
                return arguments
                    .into_iter()
                    .next()
                    .context("an acknowledgement with nothing in it");
            }
            on_packet(packet);
        }
    }

    /// The next packet that is not a ping; pings are answered. Safe to drop while it waits.
    pub async fn next(&mut self) -> Result<&[u8]> {
        let (start, end) = loop {
            match self.take_frame()? {
                Some((TEXT, start, end)) if &self.received[start..end] == b"2" => {
                    self.send(b"3").await?
                }
                Some((TEXT, start, end)) => break (start, end),
                Some((0x89, ..)) => self.send_frame(PONG, b"").await?,
                Some((0x88, ..)) => bail!("the server closed the socket"),
                Some((kind, ..)) => bail!("a frame of kind {kind:#x}"),
                None => self.receive().await?,
            }
        };
        Ok(&self.received[start..end])
    }

    async fn upgrade(&mut self, addr: SocketAddr) -> Result<()> {
        let request = format!(
            "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1\r\nhost: {addr}\r\nconnection: Upgrade\r\n\
             upgrade: websocket\r\nsec-websocket-version: 13\r\nsec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
        );
        self.stream.write_all(request.as_bytes()).await?;
        let head_end = loop {
            self.receive().await?;
            if let Some(at) = memmem::find(&self.received, b"\r\n\r\n") {
                break at + 4;
            }
        };
        ensure!(self.received.starts_with(b"HTTP/1.1 101"), "the upgrade was refused");
        self.taken = head_end;
        Ok(())
    }

    async fn receive(&mut self) -> io::Result<()> {
        self.received.drain(..self.taken);
        self.taken = 0;
        self.received.reserve(4 * 1024);
        if self.stream.read_buf(&mut self.received).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(())
    }

    /// The first byte of the next whole frame and where its payload is; a server's frames are not masked.
    fn take_frame(&mut self) -> Result<Option<(u8, usize, usize)>> {
        let rest = &self.received[self.taken..];
        let &[kind, short_length, ref tail @ ..] = rest else { return Ok(None) };
        let (head, length) = match (short_length, tail) {
            (127, &[a, b, c, d, e, f, g, h, ..]) => {
                (10, usize::try_from(u64::from_be_bytes([a, b, c, d, e, f, g, h]))?)
            }
            (126, &[a, b, ..]) => (4, usize::from(u16::from_be_bytes([a, b]))),
            (126 | 127, _) => return Ok(None),
            (length, _) => (2, usize::from(length)),
        };
        ensure!(length < 64 << 20, "a frame of {length} bytes");
        if rest.len() < head + length {
            return Ok(None);
        }
        let start = self.taken + head;
        self.taken = start + length;
        Ok(Some((kind, start, start + length)))
    }

    async fn send(&mut self, packet: &[u8]) -> io::Result<()> {
        self.send_frame(TEXT, packet).await
    }

    /// A client must mask; a mask of zeros leaves the payload as it is.
    async fn send_frame(&mut self, kind: u8, payload: &[u8]) -> io::Result<()> {
        let mut frame = vec![kind];
        match payload.len() {
            length @ 0..126 => frame.push(0x80 | length as u8),
            length => {
                frame.push(0x80 | 126);
                frame.extend_from_slice(&(length as u16).to_be_bytes());
            }
        }
        frame.extend_from_slice(&[0; 4]);
        frame.extend_from_slice(payload);
        self.stream.write_all(&frame).await
    }
}

/// What a packet from the server says, as far as the measurements care.
#[derive(Clone, Copy, Debug)]
pub enum Heard<'a> {
    Update(Update<'a>),
    Resync,
    Other,
}

/// A `call_status_update`, read where a field is asked for.
#[derive(Clone, Copy, Debug)]
pub struct Update<'a>(&'a [u8]);

pub fn read(packet: &[u8]) -> Heard<'_> {
    if packet.starts_with(b"42[\"call_status_update\"") {
        Heard::Update(Update(packet))
    } else if packet.starts_with(b"42[\"resync\"") {
        Heard::Resync
    } else {
        Heard::Other
    }
}

impl<'a> Update<'a> {
    pub fn call_id(&self) -> Option<&'a [u8]> {
        self.text_after(b"\"callId\":\"")
    }

    /// The agent that the event's metadata name.
    pub fn agent_id(&self) -> Option<&'a [u8]> {
        self.text_after(b"\"agentId\":\"")
    }

    pub fn seq(&self) -> Option<usize> {
        self.number_after(b"\"seq\":")
    }

    pub fn late_ms(&self) -> Option<u64> {
        self.number_after(b"\"lateMs\":").map(|ms| ms as u64)
    }

    pub fn is_of(&self, event_type: &str) -> bool {
        self.text_after(b"\"eventType\":\"") == Some(event_type.as_bytes())
    }

    /// The position as JSON, whatever its type: it is opaque and goes back as it came.
    pub fn position(&self) -> Option<Value> {
        let arguments: Vec<Value> = serde_json::from_slice(&self.0[2..]).ok()?;
        arguments.get(1)?.get("position").cloned()
    }

    fn text_after(&self, name: &[u8]) -> Option<&'a [u8]> {
        let rest = self.after(name)?;
        Some(&rest[..memchr::memchr(b'"', rest)?])
    }

    fn number_after(&self, name: &[u8]) -> Option<usize> {
        let digits = self.after(name)?.iter().take_while(|byte| byte.is_ascii_digit());
        digits.fold(None, |number: Option<usize>, digit| {
            Some(number.unwrap_or(0) * 10 + usize::from(digit - b'0'))
        })
    }

    fn after(&self, name: &[u8]) -> Option<&'a [u8]> {
        let at = memmem::find(self.0, name)?;
        Some(&self.0[at + name.len()..])
    }
}
