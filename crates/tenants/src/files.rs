use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::SystemTime;
use std::{fmt, fs};

use crate::{LoadContext, Mistake, Tenant, TenantId};

/// A directory of tenant files, `<tenant>.toml` each. Other files and those whose name begins with a dot are none.
pub struct TenantFiles {
    directory: PathBuf,
    /// The secrets' and certificates' files that the last reading named.
    named: BTreeSet<PathBuf>,
}

/// What one look at the directory gave.
#[derive(Debug)]
pub struct Reading {
    /// By the file's path: the tenant, or what is wrong with the file.
    pub tenants: BTreeMap<PathBuf, Result<Arc<Tenant>, Vec<Mistake>>>,
    /// Why the directory itself cannot be read; then there are no tenants in this reading.
    pub directory: Option<Mistake>,
    /// The state in which everything was read: while [`TenantFiles::fingerprint`] equals it, nothing has changed.
    pub fingerprint: Fingerprint,
}

/// The state of all files that tenants are made from, without their contents. Equality means that nothing changed.
/// `Debug` names no file, as somebody may have written a secret in the place of a path.
#[derive(Clone, PartialEq, Eq)]
pub struct Fingerprint {
    readable: bool,
    /// By their paths as text, which are compared at once: paths would be, component by component.
    files: HashMap<OsString, Option<Stamp>>,
}

/// What tells two states of a file apart. The inode and its change time see a replaced file whose modification time was
/// set back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    size: u64,
    modified: Option<SystemTime>,
    inode: (u64, u64, i64, i64),
}

impl TenantFiles {
    /// The tenant files in `directory`.
    #[must_use]
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self { directory: directory.into(), named: BTreeSet::new() }
    }

    /// Reads every file, and resolves every secret.
    pub fn read(&mut self, cx: &LoadContext<'_>) -> Reading {
        let mut named = BTreeMap::new();
        let mut reading = match list(&self.directory) {
            Err(error) => Reading {
                tenants: BTreeMap::new(),
                directory: Some(Mistake {
                    file: self.directory.clone(),
                    line: None,
                    key: None,
                    message: format!("the directory of the tenants cannot be read: {}", error.kind()),
                    remedy: "create it, or correct directory under [tenants] in livegate.toml".to_owned(),
                }),
                fingerprint: Fingerprint { readable: false, files: HashMap::new() },
            },
            Ok(paths) => {
                // Stamps are taken before contents: a change in between shows as one.
                let fingerprint = Fingerprint {
                    readable: true,
                    files: paths.iter().map(|path| (path.clone().into(), Stamp::of(path))).collect(),
                };
                let mut watch = |path: &Path| {
                    named.entry(path.to_owned()).or_insert_with(|| Stamp::of(path));
                };
                let tenants = paths.into_iter().map(|path| {
                    let tenant = read_tenant(&path, cx, &mut watch);
                    (path, tenant)
                });
                Reading { tenants: tenants.collect(), directory: None, fingerprint }
            }
        };
        if reading.directory.is_none() {
            self.named = named.keys().cloned().collect();
        }
        for path in &self.named {
            let stamp = named.get(path).copied().unwrap_or_else(|| Stamp::of(path));
            reading.fingerprint.files.insert(path.clone().into(), stamp);
        }
        reading
    }

    /// The state of the files now: cheap enough to ask again and again.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        let listed = list(&self.directory);
        let readable = listed.is_ok();
        let paths = listed.unwrap_or_default().into_iter().chain(self.named.iter().cloned());
        Fingerprint {
            readable,
            files: paths
                .map(|path| {
                    let stamp = Stamp::of(&path);
                    (path.into_os_string(), stamp)
                })
                .collect(),
        }
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fingerprint").field("files", &self.files.len()).finish_non_exhaustive()
    }
}

impl Reading {
    /// Every mistake in every file.
    pub fn mistakes(&self) -> impl Iterator<Item = &Mistake> {
        self.directory.iter().chain(self.tenants.values().filter_map(|tenant| tenant.as_ref().err()).flatten())
    }
}

impl Stamp {
    fn of(path: &Path) -> Option<Self> {
        let metadata = fs::metadata(path).ok()?;
        #[cfg(unix)]
        let inode = {
            use std::os::unix::fs::MetadataExt;
            (metadata.dev(), metadata.ino(), metadata.ctime(), metadata.ctime_nsec())
        };
        #[cfg(not(unix))]
        let inode = (0, 0, 0, 0);
        Some(Self { size: metadata.len(), modified: metadata.modified().ok(), inode })
    }
}

/// The id that a tenant file's name stands for.
pub(crate) fn tenant_id(path: &Path) -> Option<TenantId> {
    path.file_stem().and_then(|stem| stem.to_str()).and_then(TenantId::new)
}

fn list(directory: &Path) -> std::io::Result<Vec<PathBuf>> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(directory)? {
        let path = entry?.path();
        let hidden = path.file_name().is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if !hidden && path.extension().is_some_and(|extension| extension == "toml") {
            paths.push(path);
        }
    }
    Ok(paths)
}

fn read_tenant(path: &Path, cx: &LoadContext<'_>, watch: &mut dyn FnMut(&Path)) -> Result<Arc<Tenant>, Vec<Mistake>> {
    match tenant_id(path) {
        Some(id) => Tenant::read(path, id, cx, watch).map(Arc::new),
        None => Err(vec![Mistake {
            file: path.to_owned(),
            line: None,
            key: None,
            message: "the file's name is no tenant id".to_owned(),
            remedy: "name it with at most 64 letters, digits, dots, hyphens and underscores, a letter or digit first"
                .to_owned(),
        }]),
    }
}
