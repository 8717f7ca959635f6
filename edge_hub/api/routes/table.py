"""All endpoints, in the order of the documents."""

from edge_hub.api.routes import (
    access,
    adoption,
    baskets,
    devices,
    drills,
    hub,
    imports,
    jobs,
    journal,
    labels,
    logs,
    mails,
    payments,
    products,
    sales,
    scales,
    settlements,
    simulators,
    stock,
    tickets,
)

ENDPOINTS = tuple(
    endpoint
    for module in (
        hub,
        access,
        products,
        labels,
        imports,
        stock,
        baskets,
        tickets,
        sales,
        payments,
        settlements,
        mails,
        devices,
        adoption,
        scales,
        simulators,
        drills,
        jobs,
        journal,
        logs,
    )
    for endpoint in module.ROUTES.endpoints
)
