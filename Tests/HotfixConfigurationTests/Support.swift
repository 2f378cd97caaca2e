import Foundation
import HotfixCore
import Testing

@testable import HotfixConfiguration

/// What reading settings came to: the diagnostics as text, none where all is well.
func problems(
    _ text: String, environment: [String: String] = ["T": "s3cr3t"], files: [String: String] = [:]
) -> [String] {
    do {
        _ = try settings(text, environment: environment, files: files)
        return []
    } catch let error as SettingsError {
        return error.diagnostics.map(\.description)
    } catch {
        return ["\(error)"]
    }
}

func settings(
    _ text: String, environment: [String: String] = ["T": "s3cr3t"], files: [String: String] = [:]
) throws -> Settings {
    try SettingsLoader.load(text: text, path: "/etc/hotfix/hotfix.yaml", environment: environment) { path in
        guard let text = files[path] else { throw FileProblem(description: "does not exist") }
        return text
    }
}

let bothSources = ["sentry": "sentry", "otel": "prometheus"]

func policyProblems(_ text: String, sourceTypes: [String: String] = bothSources) -> [String] {
    do {
        _ = try parsePolicy(text: text, file: "p.yaml", sourceTypes: sourceTypes)
        return []
    } catch let error as SettingsError {
        return error.diagnostics.map(\.description)
    } catch {
        return ["\(error)"]
    }
}

/// A policy with one guardrail, in flow style.
func guardrail(_ keys: String) throws -> Guardrail {
    let policy = try parsePolicy(text: "guardrails:\n  g: {\(keys)}", file: "p.yaml", sourceTypes: bothSources)
    return try #require(policy.guardrails.first)
}

/// The settings of one service on one Prometheus, whose lines tests add to.
let small = """
    sources:
      otel: {type: prometheus, url: "http://localhost:9090"}
    services:
      - {name: checkout, otel: {service: checkout}, policy: p.yaml}

    """

let smallFiles = ["/etc/hotfix/p.yaml": "guardrails: {cpu: {source: otel, measure: cpu, limit: +30%}}"]

/// A file of this repository.
func repositoryText(_ path: String) throws -> String {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()
    return try fileText(at: root.appendingPathComponent(path).path)
}
