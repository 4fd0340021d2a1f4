//! Who is measured: each server under each load.

use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::path::PathBuf;

use actix_web::web::Bytes;

use crate::load::Load;

/// One server under one load.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Key {
    Hit,
    NginxCache,
    Actix,
    Miss,
    MissWithRecord,
    NginxPass,
    Forward,
    HitByTwo,
    MissByTwo,
    ManyTenants,
    OneTenant,
}

impl Key {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hit => "livegate, hit",
            Self::NginxCache => "nginx proxy_cache, hit",
            Self::Actix => "bare actix-web, fixed bytes",
            Self::Miss => "livegate, miss",
            Self::MissWithRecord => "livegate, miss with two ERP calls",
            Self::NginxPass => "nginx proxy_pass",
            Self::Forward => "bare actix-web + reqwest",
            Self::HitByTwo => "livegate, hit, 2 workers",
            Self::MissByTwo => "livegate, miss, 2 workers",
            Self::ManyTenants => "livegate, hits of 10,000 tenants",
            Self::OneTenant => "livegate, hits of 10,000 customers of one tenant",
        }
    }

    pub const fn needs_nginx(self) -> bool {
        matches!(self, Self::NginxCache | Self::NginxPass)
    }
}

/// Where it is, what it is sent and what it has to answer.
pub struct Subject {
    pub key: Key,
    pub to: SocketAddr,
    /// Whose CPU time counts.
    pub process: u32,
    /// What is emptied before each slice, as livegate tells every call in it.
    pub log: Option<PathBuf>,
    pub load: Load,
    /// How many requests to the ERP each call costs.
    pub erp_calls: u64,
    /// The body that the first call of the load has to be answered with.
    pub answer: Bytes,
    /// What `cache-status` has to hold.
    pub cache_status: &'static str,
}

/// One slice.
#[derive(Clone, Copy)]
pub struct Slice {
    /// Microseconds of CPU time for one request.
    pub cpu: f64,
    pub per_second: f64,
    /// Microseconds from a request to its answer, as wrk saw it with all its connections busy.
    pub p50: f64,
    pub p99: f64,
}

/// The slices of each subject, by round.
pub type Slices = BTreeMap<Key, Vec<Slice>>;

/// Why somebody has none.
pub type Failures = BTreeMap<Key, String>;
