import Testing

@testable import HotfixConfiguration

@Suite struct PolicyProblemTests {
    @Test(arguments: [
        ("source: otel, measure: cpu", "'limit' is missing. Write one such as +25% or {above: 1.2}."),
        ("measure: cpu, limit: +30%", "'source' is missing."),
    ])
    func whatMustBeThereIsMissed(keys: String, expected: String) {
        #expect(policyProblems("guardrails:\n  g: {\(keys)}") == ["p.yaml:2: guardrails.g: \(expected)"])
    }

    @Test(arguments: [
        (
            "25%",
            "'25%' has no sign. Write +25% or -25% of the baseline, or {above: 25%} or {below: 25%} for the value itself."
        ),
        ("1.2", "'1.2' does not say on which side. Write {above: 1.2} or {below: 1.2}."),
        ("+25", "'+25' has no percent sign. Write +25%, or {above: 25} or {below: 25}."),
        ("-100%", "no value can cross '-100%'. A limit below the baseline lies between 0% and -100%."),
        ("-0%", "no value can cross '-0%'. A limit below the baseline lies between 0% and -100%."),
        ("lots", "'lots' is not a limit. Write +25%, -20%, {above: 1.2} or {below: 98%}."),
        ("+1e400%", "'+1e400%' is not a limit. Write +25%, -20%, {above: 1.2} or {below: 98%}."),
        ("", "has no value. Give one, or remove the key."),
        ("[]", "names no limit. Write one such as +25% or {above: 1.2}."),
        ("{}", "neither 'above' nor 'below' is given. Write {above: 1.2} or {below: 98%}."),
        ("{above: 1, below: 0.5}", "'above' and 'below' are both given. Write a list: [{above: 1.2}, {below: 0.5}]."),
        ("[{above: 1}, {below: 2}]", "every value is above 1 or below 2. Mend the limits."),
    ])
    func limitsAreChecked(limit: String, expected: String) {
        #expect(
            policyProblems("guardrails:\n  g:\n    source: otel\n    measure: cpu\n    limit: \(limit)")
                == ["p.yaml:5: guardrails.g.limit: \(expected)"])
    }

    @Test(arguments: [
        ("cpu", "{above: .inf}", "above", "'.inf' is not a number. Write one such as 1.2."),
        ("cpu", "{above: 1e400}", "above", "'1e400' is not a number. Write one such as 1.2."),
        ("cpu", "{above: -1}", "above", "the values are never negative. Every value is above -1."),
        ("cpu", "{below: 0}", "below", "no value can be below 0. This limit would watch nothing."),
        ("latency-p95", "{above: 98%}", "above", "the values are seconds, not shares. Write a number such as 1.2."),
        ("latency-p95", "{above: 1200ms}", "above", "'1200ms' is not a number. Write one such as 1.2."),
        ("error-rate", "{above: 5}", "above", "the values are shares, from 0 to 1. Write 5% if percent are meant."),
        ("error-rate", "{above: 1}", "above", "no value can be above 1. Write 1% if percent are meant."),
        ("error-rate", "{over: 1%}", "over", "unknown key 'over'. Known keys: above, below."),
    ])
    func absoluteLimitsAreInTheMeasuresUnit(measure: String, limit: String, key: String, expected: String) {
        let text = "guardrails: {g: {source: otel, measure: \(measure), limit: \(limit)}}"
        #expect(policyProblems(text).contains("p.yaml:1: guardrails.g.limit.\(key): \(expected)"))
    }

    @Test(arguments: [
        ("limits: 1", "limits", "unknown key 'limits'. Did you mean 'limit'?"),
        ("over: 7m", "over", "7m is not a multiple of the window, 5m."),
        ("over: 5", "over", "'5' has no unit. Write 5s, 5m, 5h or 5d."),
        ("over: -5m", "over", "'-5m' is negative. Write a duration such as 5m."),
        ("over: 0s", "over", "must be longer than 0."),
        (
            "over: soon", "over",
            "'soon' is not a duration. Write one such as 90s, 5m, 1h30m, 48h or 7d, of at most 3650d."
        ),
        ("over: [5m]", "over", "must be a duration such as 5m, not a list."),
        ("minimum_samples: 80", "minimum_samples", "'80' is not a share from 0 to 1. Write 80% if percent are meant."),
        ("minimum_samples: 0", "minimum_samples", "must be more than 0."),
        ("minimum_events: 64", "minimum_events", "'cpu' does not count events. Remove it."),
        ("floor: -1", "floor", "must not be negative."),
        ("floor: much", "floor", "'much' is not a number. Write one such as 1.2."),
        ("confirm: {breaching: 3, of: 2}", "confirm", "3 of 2 windows can never breach. Write at most 2."),
        ("confirm: {breaching: 1}", "confirm", "'of' is missing."),
        ("confirm: {breaching: 0, of: 1}", "confirm.breaching", "'0' is not a whole number from 1 to 100000."),
        ("confirm: 2", "confirm", "must be a mapping of keys to values, not a single value."),
        ("severe: 1", "severe", "must be more than 1. It is a factor: 1.5 is half as much again as the limit."),
        ("recover_after: 0", "recover_after", "'0' is not a whole number from 1 to 100000."),
        ("recover_after: 1.5", "recover_after", "'1.5' is not a whole number from 1 to 100000."),
        ("severity: criticla", "severity", "'criticla' is not known. Did you mean 'critical'?"),
        ("severity: page", "severity", "'page' is not known. One of: critical, error, warning, info."),
        ("no_data: braech", "no_data", "'braech' is not known. Did you mean 'breach'?"),
        ("quiet: expected", "quiet", "is for Sentry's error-rate only: no other 0 is doubted. Remove it."),
        ("quiet: expectd", "quiet", "'expectd' is not known. Did you mean 'expected'?"),
        ("unit: cores", "unit", "is for own queries only. Remove it."),
        ("by: service_name", "by", "is for own queries only. Remove it."),
        ("events: x", "events", "is for own queries only. Remove it."),
        ("variant: cadvisor", "variant", "unknown key 'variant'."),
        (
            "link: wiki", "link",
            "'wiki' is not a URL of http or https. Write one such as https://prometheus.example.com."
        ),
        ("query: up", "query", "'measure' and 'query' are both given. Keep one."),
        (
            "baseline: {lookback: 36h}", "baseline.lookback",
            "a look-back of 36h is not a whole number of days. Write one such as 7d."
        ),
        (
            "baseline: {minimum_coverage: 50}", "baseline.minimum_coverage",
            "'50' is not a share from 0 to 1. Write 50% if percent are meant."
        ),
        (
            "baseline: {minimum_coverage: 150}", "baseline.minimum_coverage",
            "'150' is not a share. Write one from 0% to 100%, or from 0 to 1."
        ),
        ("baseline: {statistic: avg}", "baseline.statistic", "'avg' is not known. One of: mean, median, seasonal."),
        ("baseline: {anchor: deploymnet}", "baseline.anchor", "'deploymnet' is not known. Did you mean 'deployment'?"),
        ("baseline: {exclude: [breach]}", "baseline.exclude[0]", "'breach' is not known. Did you mean 'breaches'?"),
        ("baseline: {exclude: breaches}", "baseline.exclude", "must be a list, not a single value."),
        ("baseline: {exclude: [breaches, breaches]}", "baseline.exclude[1]", "'breaches' is named twice."),
    ])
    func keysOfAGuardrailAreChecked(line: String, key: String, expected: String) {
        let found = policyProblems("guardrails:\n  g:\n    source: otel\n    measure: cpu\n    limit: +1%\n    \(line)")
        #expect(found.count == (line.hasPrefix("quiet: expectd") ? 2 : 1))
        #expect(found.contains { $0.hasPrefix("p.yaml:6: guardrails.g.\(key): \(expected)") }, "\(found)")
    }

    @Test(arguments: [
        ("source: otle, measure: cpu, limit: +1%", "source: unknown source 'otle'. Did you mean 'otel'?"),
        (
            "source: datadog, measure: cpu, limit: +1%",
            "source: unknown source 'datadog'. The configuration names: otel, sentry."
        ),
        (
            "source: otel, measure: latency_p59, limit: +1%",
            "measure: a source of type 'prometheus' has no measure 'latency_p59'. Did you mean 'latency-p95'?"
        ),
        (
            "source: sentry, measure: cpu, limit: +1%",
            "measure: a source of type 'sentry' has no measure 'cpu'. It has: error-rate, failure-rate, crash-free-sessions."
        ),
        (
            "source: sentry, query: up, by: x, limit: +1%",
            "query: an own query is PromQL, and this source is Sentry. Name a measure instead."
        ),
        (
            "source: sentry, measure: error-rate, limit: +1%, minimum_events: 5",
            "minimum_events: 'error-rate' is itself a count: its 0 is a value. Remove it."
        ),
        (
            "source: otel, measure: requests, limit: -50%, minimum_events: 5",
            "minimum_events: 'requests' is itself a count: its 0 is a value. Remove it."
        ),
        (
            "source: sentry, measure: error-rate, limit: +1%, minimum_samples: 80%",
            "minimum_samples: Sentry has no samples that could cover a window. Remove it."
        ),
        (
            "source: otel, measure: cpu, limit: {above: 1}, floor: 1",
            "floor: means nothing without a relative limit. Remove it, or add one such as +25%."
        ),
        (
            "source: otel, query: up, limit: +1%",
            "query: the query does not say which service it is about. Put \"{service}\" into it, or name the label that tells services apart by 'by'."
        ),
        (
            "source: otel, query: 'up{s=\"{service}\"}', by: s, limit: +1%",
            "by: 'by' and '{service}' are both given. Keep one."
        ),
        (
            "source: otel, query: 'up{s={service}}', limit: +1%",
            "query: '{service}' must stand inside double or single quotes. Write \"{service}\"."
        ),
        (
            "source: otel, query: 'up{s=\"{service}\"}[{windwo}]', limit: +1%",
            "query: unknown placeholder '{windwo}'. Did you mean '{window}'?"
        ),
        (
            "source: otel, query: 'up{s=\"{service}\", w=\"{window}\"}', limit: +1%",
            "query: '{window}' must stand outside quotes. Write [{window}]."
        ),
        (
            "source: otel, query: up, by: s, limit: +1%, minimum_events: 5",
            "minimum_events: an own query does not count its events. Add 'events', a query that does."
        ),
        (
            "source: otel, query: up, by: s, events: 'n{s=\"{service}\"}', limit: +1%",
            "events: '{service}' must be in both 'query' and 'events', or in neither. Both are asked in the same way."
        ),
        ("source: otel, query: '', by: s, limit: +1%", "query: must not be empty."),
    ])
    func measuresAndQueriesAreChecked(keys: String, expected: String) {
        #expect(policyProblems("guardrails: {g: {\(keys)}}") == ["p.yaml:1: guardrails.g.\(expected)"])
    }

    @Test(arguments: [
        ("window: 7m", "window: a window of 7m does not divide a day. Take 1m, 5m, 10m, 15m, 30m or 1h."),
        ("window: 2d", "window: a window of 48h does not divide a day. Take 1m, 5m, 10m, 15m, 30m or 1h."),
        ("window: 0", "window: must be longer than 0."),
        ("window: 5", "window: '5' has no unit. Write 5s, 5m, 5h or 5d."),
        ("baseline: {lookback: 0d}", "baseline.lookback: must be longer than 0."),
        ("streak: {required: 0}", "streak.required: must be longer than 0."),
        ("streak: {required: 1m}", "streak.required: is shorter than a window of 5m."),
        ("streak: {requierd: 48h}", "streak.requierd: unknown key 'requierd'. Did you mean 'required'?"),
        ("streak: 48h", "streak: must be a mapping of keys to values, not a single value."),
        ("windw: 5m", "windw: unknown key 'windw'. Did you mean 'window'?"),
        ("<<: {window: 5m}", "<<: YAML merge keys are not supported. Write the keys out."),
    ])
    func keysOfAPolicyAreChecked(line: String, expected: String) {
        let text = "\(line)\nguardrails: {g: {source: otel, measure: cpu, limit: +1%}}"
        #expect(policyProblems(text) == ["p.yaml:1: \(expected)"])
    }

    @Test(arguments: [
        ("", "p.yaml: the file is empty. See 'hotfix config example'."),
        ("guardrails: {}", "p.yaml:1: guardrails: names no guardrail. A policy needs at least one."),
        ("window: 5m", "p.yaml:1: 'guardrails' is missing. A policy needs at least one."),
        ("guardrails:", "p.yaml:1: guardrails: must be a mapping of keys to values, not empty."),
        ("- 1", "p.yaml:1: must be a mapping of keys to values, not a list."),
        (
            "guardrails: [1",
            "p.yaml:2: not valid YAML: while parsing a flow sequence from line 1 on, did not find expected ',' or ']'."
        ),
        (
            "a: 1\n---\nb: 2",
            "p.yaml:2: not valid YAML: expected a single document in the stream from line 1 on, but found another document."
        ),
        ("guardrails:\n  g: 1\n  h: 2\n  g: 3", "p.yaml:2: g: 'g' is written more than once here. Keep one."),
        (
            "guardrails: {a/b: {source: otel, measure: cpu, limit: +1%}}",
            "p.yaml:1: guardrails.a/b: 'a/b' cannot be a name. A name is made of letters, digits, '.', '_' and '-', begins with one of the first two, and has at most 100."
        ),
        ("guardrails: {[a]: 1}", "p.yaml:1: guardrails: has a key that is not plain text."),
        (
            "guardrails: {g: {source: otel, measure: cpu, limit: !percent +1%}}",
            "p.yaml:1: guardrails.g.limit: has a YAML tag, which means nothing here. Remove it, or put the value in quotes."
        ),
    ])
    func policiesAreChecked(text: String, expected: String) {
        #expect(policyProblems(text) == [expected])
    }

    @Test func everythingWrongIsFoundInOneReadingInTheOrderOfTheFile() throws {
        let text = """
            window: 7m
            guardrails:
              cpu: {source: otel, measure: cpu, limit: 30%, severe: 1}
              memory: {source: otle, measure: memory}
            """
        let error = #expect(throws: SettingsError.self) {
            try parsePolicy(text: text, file: "p.yaml", sourceTypes: bothSources)
        }
        #expect(
            error?.diagnostics.map(\.key) == [
                "window", "guardrails.cpu.limit", "guardrails.cpu.severe", "guardrails.memory",
                "guardrails.memory.source",
            ])
        #expect(error?.diagnostics.map { [$0.line, $0.column] } == [[1, 9], [3, 44], [3, 57], [4, 3], [4, 20]])
    }
}
