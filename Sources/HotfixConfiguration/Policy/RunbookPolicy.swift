/// `thresholds/runbook.yaml`, the policy where none is named; a test holds the two equal.
let runbookPolicyText = """
    # The runbook's numbers as they stand: each 5-minute window is held against the mean of the 7 days before the
    # hotfix's first deployment, one breach is a breach, and 48 hours without one make ready.
    # 'sentry' and 'otel' are names of sources in hotfix.yaml. steady.yaml holds the same percentages made safe against noise.
    window: 5m
    baseline: {lookback: 7d, statistic: mean, anchor: deployment, minimum_coverage: 50%}
    streak: {required: 48h, longest_gap: 1h}
    guardrails:
      error-rate:  {source: sentry, measure: error-rate, limit: +25%}
      latency-p95: {source: otel, measure: latency-p95, limit: +20%}
      cpu:         {source: otel, measure: cpu, limit: +30%}
      memory:      {source: otel, measure: memory, limit: +30%}

    """
