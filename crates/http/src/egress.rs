use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::str::FromStr;
use std::sync::Arc;

use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use livegate_core::ErpError;
use url::{Host, Url};

/// Where connections may go: to public addresses by TLS, and to what the operator allows.
#[derive(Clone, Debug, Default)]
pub struct EgressPolicy {
    allowed: Arc<[AllowedTarget]>,
}

impl EgressPolicy {
    /// Public addresses by TLS, and these targets also without.
    #[must_use]
    pub fn new(allowed: Vec<AllowedTarget>) -> Self {
        Self { allowed: allowed.into() }
    }

    /// Checks an address as far as that is possible without asking the name service. What a name resolves to is checked
    /// before each connection.
    ///
    /// # Errors
    /// [`EgressRefusal`], which names the entry of `[egress] allow` that is missing.
    pub fn check_url(&self, url: &Url) -> Result<(), EgressRefusal> {
        let route = Route::of(url)?;
        let reason = match url.host() {
            Some(Host::Ipv4(ip)) if self.permits(ip.into(), route) => return Ok(()),
            Some(Host::Ipv6(ip)) if self.permits(ip.into(), route) => return Ok(()),
            Some(Host::Ipv4(ip)) => Reason::for_addresses(&[ip.into()]),
            Some(Host::Ipv6(ip)) => Reason::for_addresses(&[ip.into()]),
            Some(Host::Domain(name)) if self.may_permit_name(name, route) => return Ok(()),
            Some(Host::Domain(name)) if is_loopback_name(name) => Reason::Internal,
            Some(Host::Domain(_)) => Reason::Unencrypted,
            None => return Err(EgressRefusal("the address names no host".into())),
        };
        Err(refusal(reason, url.host_str().unwrap_or_default(), route))
    }

    /// Which of the addresses of `name` a connection may go to.
    ///
    /// # Errors
    /// [`EgressRefusal`] where none is left.
    pub(crate) fn permitted(
        &self,
        name: &str,
        addresses: Vec<IpAddr>,
        route: Route,
    ) -> Result<Vec<IpAddr>, EgressRefusal> {
        if self.allowed.iter().any(|target| target.names(name, route.port)) {
            return Ok(addresses);
        }
        let permitted: Vec<IpAddr> = addresses.iter().copied().filter(|ip| self.permits(*ip, route)).collect();
        if permitted.is_empty() {
            return Err(refusal(Reason::for_addresses(&addresses), name, route));
        }
        Ok(permitted)
    }

    fn permits(&self, ip: IpAddr, route: Route) -> bool {
        // A connection to an IPv4-mapped address goes to the IPv4 address.
        let ip = ip.to_canonical();
        self.allowed.iter().any(|target| target.covers(ip, route.port)) || (route.tls && !is_internal(ip))
    }

    /// False only where no answer of the name service could make it true.
    fn may_permit_name(&self, name: &str, route: Route) -> bool {
        let covers = |ip: IpAddr| self.allowed.iter().any(|target| target.covers(ip, route.port));
        if self.allowed.iter().any(|target| target.names(name, route.port)) {
            true
        } else if is_loopback_name(name) {
            covers(Ipv4Addr::LOCALHOST.into()) || covers(Ipv6Addr::LOCALHOST.into())
        } else {
            route.tls || self.allowed.iter().any(|target| target.is_network_for(route.port))
        }
    }
}

/// An entry of `[egress] allow`: an IP address, a network or a host name, each with an optional port. A host name allows
/// whatever it resolves to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AllowedTarget {
    place: Place,
    port: Option<u16>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Place {
    Network(IpNet),
    Name(String),
}

impl AllowedTarget {
    fn covers(&self, ip: IpAddr, port: u16) -> bool {
        self.is_for(port) && matches!(&self.place, Place::Network(network) if network.contains(&ip))
    }

    fn names(&self, name: &str, port: u16) -> bool {
        self.is_for(port) && matches!(&self.place, Place::Name(own) if own.eq_ignore_ascii_case(undotted(name)))
    }

    fn is_network_for(&self, port: u16) -> bool {
        self.is_for(port) && matches!(self.place, Place::Network(_))
    }

    fn is_for(&self, port: u16) -> bool {
        self.port.is_none_or(|own| own == port)
    }
}

impl FromStr for AllowedTarget {
    type Err = InvalidTarget;

    fn from_str(text: &str) -> Result<Self, InvalidTarget> {
        let read = |text: &str| {
            if let Some(network) = network(text) {
                return Some(Self { place: Place::Network(network), port: None });
            }
            let (host, port) = match text.rsplit_once(':') {
                Some((host, port)) if !text.ends_with(']') => (host, Some(read_port(port)?)),
                _ => (text, None),
            };
            // IPv6 has colons of its own, so it takes brackets to tell a port from the address.
            let place = match host.strip_prefix('[').and_then(|host| host.strip_suffix(']')) {
                Some(inner) => Place::Network(network(inner).filter(|network| matches!(network, IpNet::V6(_)))?),
                None => match network(host) {
                    Some(network @ IpNet::V4(_)) => Place::Network(network),
                    Some(IpNet::V6(_)) => return None,
                    None => Place::Name(read_name(host)?),
                },
            };
            Some(Self { place, port })
        };
        read(text.trim()).ok_or(InvalidTarget)
    }
}

fn read_port(text: &str) -> Option<u16> {
    let port = text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok())??;
    (port > 0).then_some(port)
}

fn network(text: &str) -> Option<IpNet> {
    text.parse::<IpAddr>()
        .map(|ip| IpNet::from(ip.to_canonical()))
        .or_else(|_| text.parse::<IpNet>().map(|network| network.trunc()))
        .ok()
}

/// A host name as addresses write it; none that would be read as an address in an unusual notation.
fn read_name(text: &str) -> Option<String> {
    let Ok(Host::Domain(name)) = Host::parse(text) else { return None };
    let name = undotted(&name);
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
    };
    name.split('.').all(is_label).then(|| name.to_owned())
}

/// Why a text is no [`AllowedTarget`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "give an IP address (10.20.0.5, ::1), a network (10.20.0.0/16) or a host name (erp.internal), \
     each with an optional port (10.20.0.5:8443, [::1]:8443)"
)]
pub struct InvalidTarget;

/// Why a connection is refused and what would allow it, in words for a person.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct EgressRefusal(String);

impl From<EgressRefusal> for ErpError {
    fn from(refusal: EgressRefusal) -> Self {
        Self::misconfigured(refusal.0)
    }
}

/// How a host is reached; whether an address is permitted depends on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Route {
    pub(crate) port: u16,
    pub(crate) tls: bool,
}

impl Route {
    /// The route of an address that may be used at all.
    pub(crate) fn of(url: &Url) -> Result<Self, EgressRefusal> {
        let tls = match url.scheme() {
            "https" => true,
            "http" => false,
            _ => return Err(EgressRefusal("the address must begin with https:// or http://".into())),
        };
        if !url.username().is_empty() || url.password().is_some() {
            return Err(EgressRefusal(
                "the address must not contain a user name or password: they belong into [secrets]".into(),
            ));
        }
        let port = url.port_or_known_default().expect("http and https have default ports");
        Ok(Self { port, tls })
    }
}

#[derive(Clone, Copy)]
enum Reason {
    Internal,
    Unencrypted,
}

impl Reason {
    fn for_addresses(addresses: &[IpAddr]) -> Self {
        if addresses.iter().any(|ip| is_internal(ip.to_canonical())) { Self::Internal } else { Self::Unencrypted }
    }
}

/// The host is told as it was configured, without the addresses it resolves to: who reads the message need not learn
/// what lies inside the network.
fn refusal(reason: Reason, host: &str, Route { port, .. }: Route) -> EgressRefusal {
    EgressRefusal(match reason {
        Reason::Internal => format!(
            "{host} is inside this machine or network, or reserved; \
             to let connections go there, add \"{host}:{port}\" to [egress] allow"
        ),
        Reason::Unencrypted => format!(
            "the connection to {host} would not be encrypted; \
             use https://, or add \"{host}:{port}\" to [egress] allow"
        ),
    })
}

fn undotted(name: &str) -> &str {
    name.strip_suffix('.').unwrap_or(name)
}

/// RFC 6761, 6.3: these names are loopback without asking anyone.
fn is_loopback_name(name: &str) -> bool {
    let name = undotted(name).to_ascii_lowercase();
    name == "localhost" || name.ends_with(".localhost")
}

/// Whether an address, IPv4-mapped ones turned into IPv4, is anything but public.
fn is_internal(ip: IpAddr) -> bool {
    match ip {
        IpAddr::V4(ip) => INTERNAL_V4.iter().any(|network| network.contains(&ip)),
        IpAddr::V6(ip) => match embedded(ip) {
            Some(ip) => is_internal(ip.into()),
            None => !GLOBAL_V6.contains(&ip) || INTERNAL_V6.iter().any(|network| network.contains(&ip)),
        },
    }
}

/// The IPv4 address to which a translator or tunnel takes a connection (NAT64, RFC 6052; 6to4, RFC 3056).
fn embedded(ip: Ipv6Addr) -> Option<Ipv4Addr> {
    let [a, b, c, d, e, f, g, h] = ip.segments();
    let join = |high: u16, low: u16| Ipv4Addr::from_bits(u32::from(high) << 16 | u32::from(low));
    match (a, b) {
        (0x64, 0xff9b) if [c, d, e, f] == [0; 4] => Some(join(g, h)),
        (0x2002, high) => Some(join(high, c)),
        _ => None,
    }
}

const fn v4(a: u8, b: u8, c: u8, d: u8, prefix: u8) -> Ipv4Net {
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(a: u16, b: u16, prefix: u8) -> Ipv6Net {
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, 0, 0, 0, 0, 0, 0), prefix)
}

/// IANA IPv4 Special-Purpose Address Registry, multicast and class E.
const INTERNAL_V4: [Ipv4Net; 17] = [
    v4(0, 0, 0, 0, 8),
    v4(10, 0, 0, 0, 8),
    v4(100, 64, 0, 0, 10),
    v4(127, 0, 0, 0, 8),
    v4(169, 254, 0, 0, 16),
    v4(172, 16, 0, 0, 12),
    v4(192, 0, 0, 0, 24),
    v4(192, 0, 2, 0, 24),
    v4(192, 88, 99, 0, 24),
    v4(192, 168, 0, 0, 16),
    v4(198, 18, 0, 0, 15),
    v4(198, 51, 100, 0, 24),
    v4(203, 0, 113, 0, 24),
    v4(224, 0, 0, 0, 4),
    v4(240, 0, 0, 0, 4),
    // Azure's metadata and wire server, in a range that is public otherwise.
    v4(168, 63, 129, 16, 32),
    v4(255, 255, 255, 255, 32),
];

/// Of IPv6 only this is given out as global unicast; loopback, unspecified, unique local (also fd00:ec2::254), link-local,
/// site-local, multicast, IPv4-compatible and local NAT64 addresses all lie outside.
const GLOBAL_V6: Ipv6Net = v6(0x2000, 0, 3);

/// IANA IPv6 Special-Purpose Address Registry within [`GLOBAL_V6`]: protocol assignments with Teredo, documentation.
const INTERNAL_V6: [Ipv6Net; 3] = [v6(0x2001, 0, 23), v6(0x2001, 0xdb8, 32), v6(0x3fff, 0, 20)];

#[cfg(test)]
mod tests {
    use super::*;

    fn policy(allowed: &[&str]) -> EgressPolicy {
        EgressPolicy::new(allowed.iter().map(|text| text.parse().unwrap()).collect())
    }

    fn check(allowed: &[&str], url: &str) -> Result<(), String> {
        policy(allowed).check_url(&url.parse().unwrap()).map_err(|refusal| refusal.to_string())
    }

    #[test]
    fn internal_addresses_are_refused_in_every_notation() {
        for host in [
            "127.0.0.1",
            "127.1",
            "0x7f.1",
            "0x7f000001",
            "2130706433",
            "017700000001",
            "127.0.0.1.",
            "localhost",
            "LocalHost.",
            "erp.localhost",
            "0.0.0.0",
            "0",
            "10.1.2.3",
            "100.64.0.1",
            "100.100.100.200",
            "169.254.169.254",
            "172.31.255.255",
            "192.0.0.192",
            "192.0.2.1",
            "192.168.1.1",
            "198.19.0.1",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "168.63.129.16",
            "①②⑦.0.0.1",
            "[::]",
            "[::1]",
            "[::ffff:127.0.0.1]",
            "[0:0:0:0:0:ffff:7f00:1]",
            "[::ffff:10.0.0.1]",
            "[::127.0.0.1]",
            "[64:ff9b::10.0.0.1]",
            "[64:ff9b:1::1]",
            "[2002:7f00:1::]",
            "[2002:c0a8:0101::1]",
            "[2001::1]",
            "[2001:db8::1]",
            "[3fff::1]",
            "[fd00:ec2::254]",
            "[fc00::1]",
            "[fe80::1]",
            "[fec0::1]",
            "[ff02::1]",
            "[100::1]",
        ] {
            for url in [format!("https://{host}/"), format!("http://{host}:8080/api")] {
                let refusal = check(&[], &url).expect_err(&url);
                assert!(refusal.contains("[egress] allow") && refusal.contains("inside"), "{url}: {refusal}");
            }
        }
    }

    #[test]
    fn public_addresses_are_reached_by_tls_only() {
        for host in ["erp.example", "9.9.9.9", "172.32.0.1", "100.128.0.1", "[2620:fe::fe]", "[64:ff9b::909:909]"] {
            assert_eq!(check(&[], &format!("https://{host}/")), Ok(()), "{host}");
            let refusal = check(&[], &format!("http://{host}/")).unwrap_err();
            assert!(refusal.contains("not be encrypted") && refusal.contains(&format!("\"{host}:80\"")), "{refusal}");
            assert_eq!(check(&[&format!("{host}:80")], &format!("http://{host}/")), Ok(()), "{host}");
        }
    }

    #[test]
    fn an_entry_allows_what_it_says_and_no_more() {
        for (entry, url, allowed) in [
            ("127.0.0.1", "http://127.0.0.1:9101/", true),
            ("127.0.0.1", "http://127.0.0.2:9101/", false),
            ("127.0.0.1:9101", "http://127.0.0.1:9101/", true),
            ("127.0.0.1:9101", "http://2130706433:9101/", true),
            ("127.0.0.1:9101", "http://[::ffff:127.0.0.1]:9101/", true),
            ("127.0.0.1:9101", "http://localhost:9101/", true),
            ("127.0.0.1:9101", "http://localhost:9102/", false),
            ("127.0.0.1:9101", "http://127.0.0.1:9102/", false),
            ("127.0.0.1:9101", "https://127.0.0.1/", false),
            ("10.20.0.0/16", "http://10.20.255.1/", true),
            ("10.20.7.9/16", "http://10.20.255.1/", true),
            ("10.20.0.0/16", "https://10.21.0.1/", false),
            ("10.20.0.0/16:443", "https://10.20.0.1/", true),
            ("10.20.0.0/16:443", "http://10.20.0.1/", false),
            ("10.20.0.0/16", "http://erp.example/", true),
            ("erp.internal", "http://ERP.internal./", true),
            ("ERP.internal.:8443", "https://erp.internal:8443/", true),
            ("erp.internal:8443", "http://erp.internal/", false),
            ("erp.internal", "http://evil.erp.internal/", false),
            ("::1", "http://[::1]:8080/", true),
            ("[::1]", "http://[::1]:8080/", true),
            ("[::1]:8080", "http://[0:0:0:0:0:0:0:1]:8080/", true),
            ("[::1]:8080", "http://[::1]:8081/", false),
            ("fd00::/8", "http://[fd00::5]/", true),
            ("[fd00::/8]:80", "http://[fd00::5]/", true),
            ("fd00::/8", "http://[fc00::5]/", false),
            ("localhost", "http://localhost/", true),
            ("localhost", "http://127.0.0.1/", false),
        ] {
            assert_eq!(check(&[entry], url).is_ok(), allowed, "{entry} {url}");
        }
    }

    #[test]
    fn an_entry_that_is_no_target_says_what_is_accepted() {
        for text in [
            "",
            " ",
            "http://erp.internal",
            "erp.internal:",
            "erp.internal:0",
            "erp.internal:99999",
            "erp.internal:+80",
            "erp.internal/api",
            "*.internal",
            "10.20.0.0/33",
            "10.20.0.0/16:x",
            "10.20",
            "0x7f.1",
            "2130706433",
            "[::1",
            "[::1]8080",
            "[::1]:",
            "[10.0.0.1]:80",
            "::1:zz",
            "user@erp.internal",
            "a b",
            "a..b",
        ] {
            let error = text.parse::<AllowedTarget>().expect_err(text).to_string();
            assert!(error.contains("10.20.0.0/16") && error.contains("[::1]:8443"), "{error}");
        }
    }

    #[test]
    fn an_address_carries_no_user_and_no_other_scheme() {
        let all = ["0.0.0.0/0", "erp.example"];
        for url in ["https://user@erp.example/", "https://:secret@erp.example/", "ftp://erp.example/", "file:///etc"] {
            let refusal = check(&all, url).expect_err(url);
            assert!(!refusal.contains("secret:"), "{refusal}");
        }
    }

    #[test]
    fn of_what_a_name_resolves_to_only_the_permitted_is_left() {
        let (public, private) = ("9.9.9.9".parse().unwrap(), "10.0.0.1".parse().unwrap());
        let tls = Route { port: 443, tls: true };
        let plain = Route { port: 80, tls: false };
        let permitted =
            |allowed: &[&str], route| policy(allowed).permitted("erp.example", vec![public, private], route);
        assert_eq!(permitted(&[], tls), Ok(vec![public]));
        assert_eq!(permitted(&["10.0.0.0/8"], tls), Ok(vec![public, private]));
        assert_eq!(permitted(&["10.0.0.0/8"], plain), Ok(vec![private]));
        assert_eq!(permitted(&["10.0.0.0/8:8080"], tls), Ok(vec![public]));
        assert_eq!(permitted(&["erp.example"], plain), Ok(vec![public, private]));
        let refusal = permitted(&[], plain).unwrap_err().to_string();
        assert!(refusal.contains("\"erp.example:80\"") && !refusal.contains("10.0.0.1"), "{refusal}");
    }
}
