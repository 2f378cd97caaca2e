/// A configuration to begin with, printed by `hotfix config example`.
package enum ExampleSettings {
    /// A valid `hotfix.yaml`; only `SENTRY_AUTH_TOKEN` must be set.
    package static let text = """
        # hotfix.yaml: what the release guardrail monitor watches, and where it keeps what it saw.
        # Found by --config, then $HOTFIX_CONFIG, ./hotfix.yaml, /etc/hotfix/hotfix.yaml. Check it with: hotfix config validate
        # Relative paths start from this file. A secret is never written here: any string may be ${NAME} (environment),
        # file:PATH or credential:NAME (systemd's credentials directory); write $${ where ${ itself is meant.

        # The ledger: every verdict, and what it was reached from.
        state: sqlite:.hotfix/ledger.db
        # How long verdicts are kept; at least the look-back of the policy and 14 days.
        retention: 90d
        # How often an open episode is told again; 0 for never.
        remind_every: 1h

        # The policy: what is held against which limit. Without this line, the runbook's, which is built in.
        # policy: thresholds/steady.yaml

        # Where values come from. Guardrails and services name these sources.
        sources:
          sentry:
            type: sentry
            url: "https://sentry.io"            # or https://us.sentry.io, https://de.sentry.io, your own
            organization: acme
            token: "${SENTRY_AUTH_TOKEN}"       # scopes org:read and project:read
            # outcomes: false                   # true unless the token may not read them: they tell quiet from silence
          otel:
            type: prometheus                    # anything that answers Prometheus' queries
            url: "http://localhost:9090"
            # bearer: "${PROMETHEUS_TOKEN}"     # or basic: {username: hotfix, password: "file:/run/secrets/prometheus"}
            # headers: {X-Scope-OrgID: acme}
            # tls: {ca_file: ca.pem, certificate_file: client.pem, key_file: client.key}
            # timeout: 30s                      # of a request
            # settle: 2m                        # a window is due this long after its end
            # recheck: 15m                      # and asked again until it is this old
          # Without a Prometheus: what a Collector or SDK pushes to `hotfix serve --otlp 127.0.0.1:4318`. It then is the `otel`
          # that policies name. With scrape, a page of metrics is read every minute instead.
          # otel: {type: otlp}
          # otel: {type: otlp, scrape: "http://localhost:8889/metrics"}

        # What is watched, with what each source calls it. A source that a service does not name is not watched for it.
        services:
          - name: checkout
            environment: production
            sentry: {project: checkout-api}     # slug or id
            otel: {service: checkout}           # the service.name of OpenTelemetry
            # policy: thresholds/steady.yaml    # its own

        # The hotfix tracker's two files.
        tracker:
          status_file: docs/OPERATIONS/hotfix-status.json
          outstanding_file: docs/OPERATIONS/hotfix-outstanding-items.md
          publish: none
          # main: main                          # hotfixes are merged to it
          # develop: develop                    # where there is one
          # release_branches: release/*         # those that have to get a hotfix too
          # approvals: 2                        # people who have to approve a critical release
          # github: {repository: acme/shop, token: "${GITHUB_TOKEN}"}   # the gate's where not given

        # What `hotfix serve` asks of those who call it (--server): two tokens of 16 characters or more.
        # serve:
        #   read_token: "${HOTFIX_READ_TOKEN}"      # without it, only this machine may read
        #   write_token: "${HOTFIX_WRITE_TOKEN}"    # without it, nothing is written; it reads too
        #   url: "https://hotfix.example.com"       # where people reach it, for links in messages

        # Who is told what happens; try it with `hotfix alerts test`. Every channel may have a name, only: [breach, …],
        # services: [checkout] and severity: error, the least that it is told.
        # notify:
        #   - {type: slack, webhook: "${SLACK_WEBHOOK_URL}"}      # or token: "${SLACK_TOKEN}", channel: releases
        #   - {type: pagerduty, routing_key: "${PAGERDUTY_ROUTING_KEY}"}
        #   - type: email
        #     smtp: "smtp://mail.example.com:587"             # STARTTLS; or smtps://
        #     username: hotfix
        #     password: "credential:mail-password"
        #     from: hotfix@example.com
        #     to: [oncall@example.com, owner@example.com]
        #   - {type: webhook, url: "https://example.com/hotfix", secret: "${WEBHOOK_SECRET}"}
        #   - {type: alertmanager, url: "http://localhost:9093"}
        #   - {type: output}                                  # lines on standard error, for the journal

        # Where deployments and breaches are marked.
        # annotate:
        #   - {type: grafana, url: "http://localhost:3000", token: "${GRAFANA_TOKEN}", dashboards: [abc123]}
        #   - {type: sentry, source: sentry}                  # its token then needs the scope project:releases too

        # The commit status that says whether the hotfix may be merged back; or {type: gitlab, project: acme/shop, …}.
        # gate: {type: github, repository: acme/shop, token: "${GITHUB_TOKEN}"}

        # What notices that no check runs any more: a check at healthchecks.io, or alike.
        # heartbeat: {url: "${HEARTBEAT_URL}"}

        # What a release has to be: hotfix verify-release looks whether it is out, and whether clients find it.
        # release:
        #   artifacts: ["Shop-{version}.dmg", "Shop-Setup-{version}.exe"]
        #   workflow: release.yml
        #   feeds:
        #     - {type: sparkle, url: "https://example.com/appcast.xml", public_key: "${SPARKLE_KEY}"}
        #     - {type: electron, url: "https://example.com/latest.yml"}
        #     - {type: tauri, url: "https://example.com/latest.json", public_key: "${TAURI_KEY}", platforms: [darwin-aarch64]}

        """
}
