"""The posterior by NUTS, kept as a referee: `make nuts`.

A logit with crossed effects of state, body and year on every exit of the embedded record and CONTROLS other rows for each,
effects written as standard deviation times standard normal. Priors wide enough to say nothing: N(0, 10) on the fixed terms,
half-normal(10) on the standard deviations. Writes `nuts_reference.json`: posterior means and standard deviations, their
effective sample sizes and R̂, divergences, versions. Needs the extra `referee` (numpyro, jax); the test that reads the file
does not.
"""

from __future__ import annotations

import json
import os
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

import numpy as np

from exeunt.panel.build import Panel, exit_panel
from exeunt.record.opened import open_record
from reference.run import digest

CONTROLS = 20
SAMPLE_SEED = 11
WARMUP, DRAWS, CHAINS, SEED = 800, 1500, 2, 5
TARGET = HERE / "nuts_reference.json"


def subsample() -> Panel:
    """Every exit and CONTROLS other rows for each, drawn without replacement, without weights."""
    panel = exit_panel(open_record())
    rng = np.random.Generator(np.random.Philox(SAMPLE_SEED))
    other = np.flatnonzero(panel.event == 0)
    # Ranks of uniforms, so that no version of numpy's samplers matters.
    chosen = other[np.argsort(rng.random(len(other)))[: CONTROLS * int(panel.event.sum())]]
    keep = np.sort(np.concatenate([np.flatnonzero(panel.event == 1), chosen]))
    columns = {name: getattr(panel, name)[keep] for name in ("year", "state", "body", "terms", "event", "carried")}
    return replace(panel, **columns, weight=np.ones(len(keep)), dropped={})


def sample() -> dict[str, Any]:
    """Run the chains."""
    import jax
    import numpyro
    import numpyro.distributions as dist
    from jax import numpy as jnp
    from numpyro.diagnostics import summary
    from numpyro.infer import MCMC, NUTS

    from exeunt.explain.fit import design

    numpyro.enable_x64()
    panel = subsample()
    rows, _ = design(panel, "logit")
    X, group, event = jnp.asarray(rows.X), jnp.asarray(rows.group), jnp.asarray(rows.event)

    def model() -> None:
        beta = numpyro.sample("beta", dist.Normal(0, 10).expand([rows.k]).to_event(1))
        sd = numpyro.sample("sd", dist.HalfNormal(10).expand([3]).to_event(1))
        eta = X @ beta
        for number, (name, q) in enumerate(zip(("state", "body", "year"), rows.levels, strict=True)):
            z = numpyro.sample(f"z_{name}", dist.Normal(0, 1).expand([q]).to_event(1))
            eta = eta + sd[number] * z[group[:, number]]
        numpyro.sample("event", dist.Bernoulli(logits=eta), obs=event)

    chains = MCMC(NUTS(model, target_accept_prob=0.9), num_warmup=WARMUP, num_samples=DRAWS, num_chains=CHAINS,
                  chain_method="sequential")  # fmt: skip
    chains.run(jax.random.PRNGKey(SEED), extra_fields=("diverging",))
    found = summary({name: chains.get_samples(True)[name] for name in ("beta", "sd")})
    names = ["(Intercept)", *panel.names, "sd state", "sd body", "sd year"]

    def both(key: str) -> dict[str, float]:
        return dict(zip(names, np.concatenate([found["beta"][key], found["sd"][key]]).round(5).tolist(), strict=True))

    return {
        "rows": len(rows.event), "events": int(rows.event.sum()), "digest": digest(rows.X, rows.event),
        "mean": both("mean"), "sd": both("std"), "n_eff": both("n_eff"), "r_hat": both("r_hat"),
        "divergences": int(chains.get_extra_fields()["diverging"].sum()), "draws": CHAINS * DRAWS, "warmup": WARMUP,
        "versions": {"numpyro": numpyro.__version__, "jax": jax.__version__},
    }  # fmt: skip


def main() -> None:
    """Sample and keep."""
    found = sample()
    print(json.dumps(found, indent=1))
    TARGET.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
