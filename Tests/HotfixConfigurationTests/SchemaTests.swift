import Foundation
import Testing

@testable import HotfixConfiguration

@Suite struct SchemaTests {
    private func schema() throws -> [String: Any] {
        let object = try JSONSerialization.jsonObject(with: Data(SettingsSchema.json().utf8))
        return try #require(object as? [String: Any])
    }

    private func definition(_ title: String) throws -> [String: Any] {
        let definitions = try #require(try schema()["$defs"] as? [String: Any])
        return try #require(definitions[title] as? [String: Any])
    }

    @Test func everyTableIsInTheSchemaWithExactlyItsKeys() throws {
        let tables: [any KeySet.Type] = [
            SettingsKey.self, PrometheusKey.self, SentryKey.self, BasicKey.self, TLSKey.self, PrometheusBindingKey.self,
            SentryBindingKey.self, TrackerKey.self, PolicyKey.self, BaselineKey.self, StreakKey.self, GuardrailKey.self,
            ConfirmKey.self, LimitKey.self, ServeKey.self, SlackKey.self, PagerDutyKey.self, EmailKey.self,
            WebhookKey.self, AlertmanagerKey.self, OutputKey.self, GrafanaKey.self, SentryDeploysKey.self,
            GitHubGateKey.self, GitLabGateKey.self, HeartbeatKey.self, ReleaseKey.self, SparkleFeedKey.self,
            ElectronFeedKey.self, TauriFeedKey.self,
        ]
        for table in tables {
            let definition = try definition(table.title)
            let properties = try #require(definition["properties"] as? [String: Any])
            #expect(Set(properties.keys) == Set(table.entries.map(\.key)), "\(table)")
            #expect(definition["additionalProperties"] as? Bool == false)
            #expect(
                definition["required"] as? [String] == table.entries.filter(\.entry.isRequired).map(\.key), "\(table)")
        }
        let settings = try #require(try definition("settings")["properties"] as? [String: Any])
        let service = try #require((settings["services"] as? [String: Any])?["items"] as? [String: Any])
        let properties = try #require(service["properties"] as? [String: Any])
        #expect(Set(properties.keys) == Set(ServiceKey.allCases.map(\.rawValue)))
        #expect(service["additionalProperties"] is [String: Any])
    }

    @Test func everyReferenceInTheSchemaLeadsSomewhere() throws {
        let text = SettingsSchema.json()
        let definitions = try #require(try schema()["$defs"] as? [String: Any])
        let names = text.matches(of: /"#\/\$defs\/([A-Za-z]+)"/).map { String($0.1) }
        #expect(Set(names).isSubset(of: Set(definitions.keys)))
        // A policy is there for editors of thresholds/*.yaml, not for hotfix.yaml.
        #expect(Set(definitions.keys).subtracting(names) == ["policy"])
        #expect(try schema()["$schema"] as? String == "https://json-schema.org/draft/2020-12/schema")
    }

    @Test(arguments: [
        ("duration", "5m", true), ("duration", "1h30m", true), ("duration", "", false), ("duration", "5", false),
        ("duration", "${X}", true), ("limit", "+25%", true), ("limit", "25%", false), ("secret", "plain", false),
        ("secret", "Bearer ${T}", true), ("secret", "file:x", true), ("url", "ftp://x", false),
        ("url", "https://x", true), ("mailServer", "smtp://mail:587", true), ("mailServer", "https://x", false),
        ("share", "50%", true), ("share", "half", false),
    ])
    func patternsOfTheSchemaAgreeWithTheReader(title: String, text: String, isValid: Bool) throws {
        func patterns(_ object: Any) -> [String] {
            if let list = object as? [Any] { return list.flatMap(patterns) }
            guard let members = object as? [String: Any] else { return [] }
            return [members["pattern"] as? String].compactMap(\.self) + patterns(members["anyOf"] as Any)
        }
        let matches = try patterns(definition(title)).map { try Regex($0) }.contains { text.contains($0) }
        #expect(matches == isValid)
    }
}
