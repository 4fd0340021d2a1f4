use livegate_core::AdapterKind;

/// Every adapter in this binary. A new one is one line here and one dependency line.
pub(crate) static ADAPTERS: &[&AdapterKind] = &[
    &livegate_adapter_accounting::KIND,
    &livegate_adapter_acumatica::KIND,
    &livegate_adapter_alloy::KIND,
    &livegate_adapter_dockmaster::KIND,
    &livegate_adapter_live::KIND,
    &livegate_adapter_sap_b1::KIND,
];
