//! The form of an archive: lines of JSON, compressed, cut into parts that are sealed each for its place.
//!
//! A part has a byte that says whether it is the last, its length in four bytes, and what was sealed. Number and last-ness are bound by
//! the seal: a file that is cut, put together anew or renamed does not open.

use std::io::{self, Write as _};

use elder_crypto::{Sealer, Unsealable};
use serde::Serialize;
use zstd::stream::write::{Decoder, Encoder};

use super::ArchiveError;

/// With what a file begins.
const MAGIC: &[u8] = b"elder-audit-archive/1\n";
/// How much is sealed at once.
const PART: usize = if cfg!(test) { 1 << 14 } else { 1 << 20 };
/// A part's flag and length.
const HEAD: usize = 5;
/// No part is larger: what compression added last may be longer than [`PART`].
const MOST: usize = 16 * PART;
/// How hard it is tried to make it small; the library's own default.
const LEVEL: i32 = 3;

/// Where parts belong, and the key under which they are sealed.
struct Parts {
    sealer: Sealer,
    place: String,
    count: u64,
}

impl Parts {
    fn next(&mut self, is_last: bool) -> String {
        self.count += 1;
        format!("{}/{}/{}", self.place, self.count, u8::from(is_last))
    }

    /// The next part as the file has it.
    fn seal(&mut self, plain: &[u8], is_last: bool) -> io::Result<Vec<u8>> {
        let place = self.next(is_last);
        let sealed = self.sealer.seal(&place, plain);
        let length = u32::try_from(sealed.len()).map_err(io::Error::other)?;
        Ok([&[u8::from(is_last)], length.to_be_bytes().as_slice(), &sealed].concat())
    }
}

/// Writes an archive. What it gives out is to be stored one after the other.
pub(super) struct Writer {
    encoder: Encoder<'static, Vec<u8>>,
    parts: Parts,
    out: Vec<u8>,
}

impl Writer {
    pub(super) fn new(sealer: Sealer, place: String) -> io::Result<Self> {
        let encoder = Encoder::new(Vec::new(), LEVEL)?;
        Ok(Self { encoder, parts: Parts { sealer, place, count: 0 }, out: MAGIC.to_vec() })
    }

    pub(super) fn line<T: Serialize>(&mut self, line: &T) -> Result<(), ArchiveError> {
        serde_json::to_writer(&mut self.encoder, line)?;
        self.encoder.write_all(b"\n")?;
        if self.encoder.get_ref().len() >= PART {
            let part = std::mem::take(self.encoder.get_mut());
            self.out.extend(self.parts.seal(&part, false)?);
        }
        Ok(())
    }

    /// What is ready to be stored.
    pub(super) fn take(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.out)
    }

    /// The rest.
    pub(super) fn finish(self) -> Result<Vec<u8>, ArchiveError> {
        let Self { encoder, mut parts, mut out } = self;
        out.extend(parts.seal(&encoder.finish()?, true)?);
        Ok(out)
    }
}

/// Reads an archive, as it comes.
pub(super) struct Reader {
    decoder: Decoder<'static, Vec<u8>>,
    parts: Parts,
    waiting: Vec<u8>,
    has_begun: bool,
    has_ended: bool,
}

impl Reader {
    pub(super) fn new(sealer: Sealer, place: String) -> io::Result<Self> {
        Ok(Self {
            decoder: Decoder::new(Vec::new())?,
            parts: Parts { sealer, place, count: 0 },
            waiting: Vec::new(),
            has_begun: false,
            has_ended: false,
        })
    }

    /// Takes more of the file, and gives the lines that are whole by it.
    pub(super) fn feed(&mut self, bytes: &[u8]) -> Result<Vec<u8>, ArchiveError> {
        self.waiting.extend_from_slice(bytes);
        if !self.has_begun {
            let Some((magic, rest)) = self.waiting.split_at_checked(MAGIC.len()) else {
                return Ok(Vec::new());
            };
            if magic != MAGIC {
                return Err(Unsealable.into());
            }
            self.waiting = rest.to_vec();
            self.has_begun = true;
        }
        while let Some((is_last, sealed)) = self.sealed()? {
            let place = self.parts.next(is_last);
            let plain = self.parts.sealer.open(&place, &sealed)?;
            self.decoder.write_all(&plain)?;
            // Only behind new input: a decoder that is asked again and again without any takes that for a fault.
            self.decoder.flush()?;
            self.has_ended = is_last;
        }
        let text = self.decoder.get_mut();
        let whole = text.iter().rposition(|byte| *byte == b'\n').map_or(0, |place| place + 1);
        let rest = text.split_off(whole);
        Ok(std::mem::replace(text, rest))
    }

    /// The next part, if it is there as a whole.
    fn sealed(&mut self) -> Result<Option<(bool, Vec<u8>)>, ArchiveError> {
        let Some(([flag, length @ ..], rest)) = self.waiting.split_first_chunk::<HEAD>() else {
            return Ok(None);
        };
        let length = usize::try_from(u32::from_be_bytes(*length)).map_err(io::Error::other)?;
        if self.has_ended || *flag > 1 || length > MOST {
            return Err(Unsealable.into());
        }
        let Some((sealed, rest)) = rest.split_at_checked(length) else { return Ok(None) };
        let part = (*flag == 1, sealed.to_vec());
        self.waiting = rest.to_vec();
        Ok(Some(part))
    }

    /// The end of the file: it must be that of the archive too.
    pub(super) fn end(self) -> Result<(), ArchiveError> {
        let is_whole = self.has_ended && self.waiting.is_empty() && self.decoder.get_ref().is_empty();
        if is_whole { Ok(()) } else { Err(Unsealable.into()) }
    }
}

#[cfg(test)]
mod tests {
    use elder_crypto::MasterKey;
    use elder_kernel::{Random, SeededRandom};

    use super::*;

    fn sealer(seed: u64) -> Sealer {
        let random = Random::new(SeededRandom::new(seed));
        Sealer::new(&MasterKey::generate(&random), random)
    }

    /// Lines that are hard to compress, so that they fill several parts.
    fn written(lines: u64) -> Vec<u8> {
        let random = Random::new(SeededRandom::new(3));
        let mut writer = Writer::new(sealer(1), "7/archive".into()).unwrap();
        let mut file = Vec::new();
        for number in 0..lines {
            writer.line(&(number, random.bytes::<32>().to_vec())).unwrap();
            file.extend(writer.take());
        }
        file.extend(writer.finish().unwrap());
        file
    }

    fn read(file: &[u8], seed: u64, place: &str, step: usize) -> Result<usize, ArchiveError> {
        let mut reader = Reader::new(sealer(seed), place.into())?;
        let mut lines = 0;
        for bytes in file.chunks(step) {
            lines += reader.feed(bytes)?.split(|byte| *byte == b'\n').count() - 1;
        }
        reader.end()?;
        Ok(lines)
    }

    #[test]
    fn what_is_written_is_read_whatever_comes_at_once() {
        let file = written(1_500);
        assert!(file.len() > 2 * PART, "{}", file.len());
        for step in [97, 4_093, usize::MAX] {
            assert_eq!(read(&file, 1, "7/archive", step).unwrap(), 1_500);
        }
        assert_eq!(read(&written(0), 1, "7/archive", 1).unwrap(), 0);
    }

    #[test]
    fn a_file_that_is_cut_altered_moved_or_of_another_key_does_not_open() {
        let file = written(1_500);
        let opens = |file: &[u8]| read(file, 1, "7/archive", 1 << 20).is_ok();
        assert!(opens(&file));
        for cut in [0, 10, MAGIC.len(), file.len() / 2, file.len() - 1] {
            assert!(!opens(&file[..cut]), "{cut}");
        }
        for place in [3, MAGIC.len(), MAGIC.len() + 2, file.len() / 2, file.len() - 1] {
            let mut other = file.clone();
            other[place] ^= 1;
            assert!(!opens(&other), "{place}");
        }
        assert!(!opens(&[file.as_slice(), b"more"].concat()));
        let first = MAGIC.len()
            + HEAD
            + u32::from_be_bytes(file[MAGIC.len() + 1..][..4].try_into().unwrap()) as usize;
        assert!(!opens(&[MAGIC, &file[first..]].concat()), "without its first part");
        assert!(!opens(&file[..first]), "without all but its first part");
        assert!(read(&file, 2, "7/archive", 1 << 20).is_err());
        assert!(read(&file, 1, "8/archive", 1 << 20).is_err());
    }
}
