//! The Service Layer's certificate is usually self-signed.

use std::sync::Arc;

use livegate_adapter_sap_b1::simulator::Options;
use livegate_core::ErrorKind;
use livegate_http::transport_to;
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::PrivateKeyDer;

use crate::{Tenant, start};

/// Speaks TLS for the simulator, with a certificate that it signed itself. The port and the certificate in PEM.
async fn in_front_of(simulator: std::net::SocketAddr) -> (u16, String) {
    let signed = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signed.signing_key.serialize_der()).unwrap();
    let config = ServerConfig::builder().with_no_client_auth();
    let acceptor = TlsAcceptor::from(Arc::new(config.with_single_cert(vec![signed.cert.der().clone()], key).unwrap()));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                if let Ok(mut stream) = acceptor.accept(stream).await {
                    let mut plain = TcpStream::connect(simulator).await.unwrap();
                    let _ = copy_bidirectional(&mut stream, &mut plain).await;
                }
            });
        }
    });
    (port, signed.cert.pem())
}

#[tokio::test]
async fn a_self_signed_certificate_without_ca_is_misconfigured_and_says_how_to_set_it() {
    let running = start(Options::default());
    let (port, pem) = in_front_of(running.address()).await;
    let base_url = format!("https://localhost:{port}/b1s/v2/");
    let untrusting = Tenant::through(transport_to(&["127.0.0.1"]).unwrap(), &base_url, &[]).unwrap();
    let error = untrusting.ping().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Misconfigured, "{error}");
    assert!(error.message().contains("[tls] ca"), "{error}");
    assert_eq!(running.logins(), 0, "no password went to a server that nobody vouches for");

    let policy = livegate_http::EgressPolicy::new(vec!["127.0.0.1".parse().unwrap()]);
    let tls = livegate_http::TransportSettings { ca: Some(pem.into_bytes().into()), ..Default::default() };
    let trusting = livegate_http::Clients::new(policy).transport(&tls).unwrap();
    Tenant::through(trusting, &base_url, &[]).unwrap().ping().await.unwrap();
}
