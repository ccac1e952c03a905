"""Schema migrations: `control` for the control plane, `plane` for both data planes. Nothing imports this but start-up."""
