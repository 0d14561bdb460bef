//! Where an address is, as far as the operator's files of places tell, which are in the format of `MaxMind`.

use std::{
    fmt, fs, io,
    net::IpAddr,
    path::{Path, PathBuf},
    sync::{Arc, PoisonError, RwLock},
    time::SystemTime,
};

use ipnet::IpNet;
use maxminddb::{MaxMindDbError, Reader};
use serde::Deserialize;

/// Kilometres from the middle of the earth.
const RADIUS: f64 = 6_371.0;

/// Where an address is.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Place {
    pub(super) network: Network,
    /// ISO 3166-1, alpha-2.
    pub(super) country: Option<String>,
    pub(super) point: Option<Point>,
}

/// Whose network it is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Network {
    /// That of a provider, by the number of its autonomous system.
    System(u32),
    /// This range: what a household or an office has.
    Range(IpNet),
}

/// Degrees north and east.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Point {
    pub(super) latitude: f64,
    pub(super) longitude: f64,
}

impl Point {
    /// Along the surface, as a great circle (haversine).
    pub(super) fn kilometres_to(self, other: Self) -> f64 {
        let (north, other_north) = (self.latitude.to_radians(), other.latitude.to_radians());
        let squared_half = |degrees: f64| (degrees.to_radians() / 2.0).sin().powi(2);
        let height = squared_half(other.latitude - self.latitude);
        let width = squared_half(other.longitude - self.longitude);
        2.0 * RADIUS * (height + north.cos() * other_north.cos() * width).min(1.0).sqrt().asin()
    }
}

/// The files of places, read whole into memory. Cheap to clone; all clones see what one has read again.
#[derive(Clone, Default)]
pub struct Places(Arc<Kept>);

#[derive(Default)]
struct Kept {
    files: Vec<PathBuf>,
    read: RwLock<Arc<[File]>>,
}

/// A file as it was read.
struct File {
    reader: Reader<Vec<u8>>,
    stamp: Stamp,
}

/// By which a file that was replaced is told from the one that was read.
#[derive(Debug, PartialEq, Eq)]
struct Stamp {
    changed: SystemTime,
    bytes: u64,
}

/// A file of places that cannot be read.
#[derive(Debug, thiserror::Error)]
pub enum UnreadableFile {
    /// It is not there, or not for us.
    #[error("cannot read {0}")]
    Unread(PathBuf, #[source] io::Error),
    /// It is no file of places.
    #[error("{0} is not in the MaxMind DB format")]
    Malformed(PathBuf, #[source] MaxMindDbError),
}

/// What is looked for in a file, whichever of the usual kinds it is of: countries, cities or autonomous systems.
#[derive(Debug, Default, Deserialize)]
struct Record {
    #[serde(default)]
    country: Country,
    #[serde(default)]
    location: Location,
    autonomous_system_number: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
struct Country {
    iso_code: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
struct Location {
    latitude: Option<f64>,
    longitude: Option<f64>,
}

impl Places {
    /// Reads files of places. Of none nothing is known.
    ///
    /// # Errors
    /// [`UnreadableFile`].
    pub fn read(files: &[PathBuf]) -> Result<Self, UnreadableFile> {
        let read = RwLock::new(read(files)?);
        Ok(Self(Arc::new(Kept { files: files.to_vec(), read })))
    }

    /// Reads the files again if one of them was replaced, and says whether; the vendors replace theirs every week. Takes
    /// as long as the disk does.
    ///
    /// # Errors
    /// [`UnreadableFile`]; then what was read before stays.
    pub fn read_again(&self) -> Result<bool, UnreadableFile> {
        let stamps = self.0.files.iter().map(|path| stamp(path)).collect::<Result<Vec<_>, _>>()?;
        if self.read_now().iter().map(|file| &file.stamp).eq(&stamps) {
            return Ok(false);
        }
        let files = read(&self.0.files)?;
        *self.0.read.write().unwrap_or_else(PoisonError::into_inner) = files;
        Ok(true)
    }

    fn read_now(&self) -> Arc<[File]> {
        self.0.read.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn find(&self, address: IpAddr) -> Place {
        let mut place = Place { network: Network::Range(range(address)), country: None, point: None };
        for file in self.read_now().iter() {
            let found = record(&file.reader, address);
            let Some(Record { country, location, autonomous_system_number }) = found else {
                continue;
            };
            place.country = place.country.or(country.iso_code);
            let point = location.latitude.zip(location.longitude);
            place.point = place.point.or(point.map(|(latitude, longitude)| Point { latitude, longitude }));
            place.network = autonomous_system_number.map_or(place.network, Network::System);
        }
        place
    }
}

impl fmt::Debug for Places {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Places").field("files", &self.0.files).finish()
    }
}

fn read(files: &[PathBuf]) -> Result<Arc<[File]>, UnreadableFile> {
    files.iter().map(|path| File::read(path)).collect()
}

impl File {
    /// The stamp is taken first: a file that is replaced meanwhile is read once more.
    fn read(path: &Path) -> Result<Self, UnreadableFile> {
        let stamp = stamp(path)?;
        let bytes = fs::read(path).map_err(|error| UnreadableFile::Unread(path.to_owned(), error))?;
        let reader = Reader::from_source(bytes);
        let reader = reader.map_err(|error| UnreadableFile::Malformed(path.to_owned(), error))?;
        Ok(Self { reader, stamp })
    }
}

fn stamp(path: &Path) -> Result<Stamp, UnreadableFile> {
    let stamp =
        fs::metadata(path).and_then(|file| Ok(Stamp { changed: file.modified()?, bytes: file.len() }));
    stamp.map_err(|error| UnreadableFile::Unread(path.to_owned(), error))
}

/// What a file says of an address. A fault in the file is no reason to keep anybody out.
fn record(reader: &Reader<Vec<u8>>, address: IpAddr) -> Option<Record> {
    match reader.lookup(address).and_then(|found| found.decode()) {
        Ok(record) => record,
        Err(error) => {
            tracing::debug!(%error, "a file of places could not be asked");
            None
        }
    }
}

/// 24 bits of an IPv4 address, 48 of an IPv6 one.
fn range(address: IpAddr) -> IpNet {
    let bits = if address.is_ipv4() { 24 } else { 48 };
    IpNet::new(address, bits).map_or(IpNet::from(address), |range| range.trunc())
}
