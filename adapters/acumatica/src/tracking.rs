//! The parcels of an order, which its shipments tell. They are asked for beside the order and cost it nothing when they
//! cannot be had.

use livegate_core::{CallContext, ErpError, Result, Tracking};
use serde::Deserialize;

use crate::api::{Api, SHIPMENT};
use crate::wire::{SalesOrder, day};
use crate::wrapped::{Figure, Text};

/// The most shipments of an order whose parcels are asked for.
const MOST_SHIPMENTS: usize = 25;

/// The parcels of all shipments of an order or of none, as some would look like all; in at most half of the time that is
/// left.
pub(crate) async fn parcels(cx: &CallContext, api: &Api, order: &SalesOrder) -> Option<Vec<Tracking>> {
    let numbers = order.shipment_numbers().filter(|numbers| numbers.len() <= MOST_SHIPMENTS)?;
    let ask = async {
        let mut parcels = Vec::new();
        for number in numbers {
            parcels.extend(shipment(cx, api, number).await?.parcels());
        }
        Ok::<_, ErpError>(parcels)
    };
    match tokio::time::timeout(cx.remaining() / 2, ask).await {
        Ok(Ok(parcels)) => Some(parcels),
        Ok(Err(error)) => {
            tracing::warn!(kind = %error.kind(), reason = error.message(), "an order is answered without its parcels");
            None
        }
        Err(_) => {
            tracing::warn!("an order is answered without its parcels: Acumatica took too long");
            None
        }
    }
}

async fn shipment(cx: &CallContext, api: &Api, number: &str) -> Result<Shipment> {
    let found: Option<Shipment> = api.record(cx, &SHIPMENT, &[number]).await?;
    let found = found.filter(|shipment| shipment.shipment_nbr.is(number));
    found.ok_or_else(|| ErpError::malformed("Acumatica names a shipment that it does not have"))
}

/// `Shipment` (SO302000).
#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Shipment {
    shipment_nbr: Text,
    shipment_date: Text,
    ship_via: Text,
    status: Text,
    packages: Option<Vec<Package>>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default, rename_all = "PascalCase")]
struct Package {
    tracking_nbr: Text,
    weight: Figure,
    #[serde(rename = "UOM")]
    uom: Text,
}

impl SalesOrder {
    /// The shipments whose parcels can be asked for, each once; `None` where the order does not tell them.
    fn shipment_numbers(&self) -> Option<Vec<&str>> {
        let parcels = self
            .shipments
            .as_ref()?
            .iter()
            .filter(|row| row.shipment_type.is_none() || row.shipment_type.is("Shipment"));
        let mut numbers: Vec<&str> = parcels.filter_map(|row| row.shipment_nbr.as_deref()).collect();
        numbers.sort_unstable();
        numbers.dedup();
        Some(numbers)
    }
}

impl Shipment {
    /// The parcels that have a number to follow.
    fn parcels(&self) -> impl Iterator<Item = Tracking> {
        let packages = self.packages.iter().flatten().filter(|package| package.tracking_nbr.is_some());
        packages.map(|package| Tracking {
            shipping_date: day("ShipmentDate", &self.shipment_date),
            status: self.status.text(),
            weight: package
                .weight
                .zip(package.uom.as_ref())
                .map(|(weight, unit)| format!("{} {unit}", weight.shortest())),
            note: self.ship_via.text(),
            tracking_number: package.tracking_nbr.text(),
            ..Tracking::default()
        })
    }
}
