import Foundation
import HotfixCore
import Yams

/// Reads what `hotfix.yaml` says of releases.
struct ReleaseReader {
    func release(_ field: Field) -> ReleaseSettings? {
        guard let keys = field.keyed(ReleaseKey.self) else { return nil }
        var settings = ReleaseSettings()
        settings.artifacts = texts(keys[.artifacts], artifact)
        settings.workflow = keys[.workflow].flatMap(workflow)
        settings.isPrerelease = keys[.prerelease]?.boolean() ?? false
        for element in keys[.feeds]?.elements() ?? [] {
            guard let feed = feed(element) else { continue }
            if settings.feeds.contains(where: { $0.url == feed.url }) {
                element.report("a feed of this address is there already.", "Keep one.")
            } else {
                settings.feeds.append(feed)
            }
        }
        return settings
    }

    private func texts(_ field: Field?, _ read: (Field) -> String?) -> [String] {
        var texts: [String] = []
        for element in field?.elements() ?? [] {
            guard let text = read(element) else { continue }
            if texts.contains(text) {
                element.report("'\(text)' is written more than once here.", "Keep one.")
            } else {
                texts.append(text)
            }
        }
        return texts
    }

    private func artifact(_ field: Field) -> String? {
        guard let text = field.text("the name of a file") else { return nil }
        let rest = text.text.replacing("{version}", with: "").replacing("{tag}", with: "")
        guard !rest.contains("{"), !rest.contains("}") else {
            field.report("\(text.quoted) holds another word in braces than {version} and {tag}.")
            return nil
        }
        guard !text.text.contains("/"), text.text.utf8.count <= 255, text.text != "*" else {
            field.report(
                "\(text.quoted) is not the name of a file.",
                "Write one such as Shop-{version}.dmg, without a directory.")
            return nil
        }
        return text.text
    }

    private func workflow(_ field: Field) -> String? {
        guard let text = field.text("the file of a workflow") else { return nil }
        let name = text.text.hasPrefix(".github/workflows/") ? String(text.text.dropFirst(18)) : text.text
        guard [".yml", ".yaml"].contains(where: name.hasSuffix), !name.contains("/"), name.utf8.count <= 255 else {
            field.report("\(text.quoted) is not the file of a workflow.", "Write one such as release.yml.")
            return nil
        }
        return name
    }

    private func feed(_ field: Field) -> ReleaseSettings.Feed? {
        guard let type: FeedType = field.type(of: "feed") else { return nil }
        switch type {
        case .sparkle:
            guard let keys = field.keyed(SparkleFeedKey.self) else { return nil }
            let url = keys.required(.url)?.feedURL()
            let key = keys.required(.publicKey, "Signatures are verified with it.").flatMap(sparkleKey)
            guard let url, let key else { return nil }
            return ReleaseSettings.Feed(.sparkle, url, publicKey: key)
        case .electron:
            guard let keys = field.keyed(ElectronFeedKey.self), let url = keys.required(.url)?.feedURL() else {
                return nil
            }
            return ReleaseSettings.Feed(.electron, url)
        case .tauri:
            guard let keys = field.keyed(TauriFeedKey.self) else { return nil }
            let url = keys.required(.url)?.feedURL(allowsVariables: true)
            let key = keys.required(.publicKey, "Signatures are verified with it.").flatMap(tauriKey)
            let platforms = texts(keys[.platforms], platform)
            if let url, url.contains("{{target}}") || url.contains("{{arch}}"), platforms.isEmpty {
                keys.field.report(
                    "the url has a platform in it, and 'platforms' names none.", "Name those that clients run on.")
            }
            guard let url, let key else { return nil }
            return ReleaseSettings.Feed(.tauri, url, publicKey: key, platforms: platforms)
        }
    }

    private func sparkleKey(_ field: Field) -> String? {
        guard let text = field.text("a public key") else { return nil }
        guard Data(base64Encoded: text.text)?.count == 32 else {
            field.report(
                "\(text.quoted) is not a public key of Sparkle.", "Write SUPublicEDKey of the app's Info.plist.")
            return nil
        }
        return text.text
    }

    private func tauriKey(_ field: Field) -> String? {
        guard let text = field.text("a public key") else { return nil }
        // A key by itself is 42 bytes; with its comment around it there are more.
        guard let data = Data(base64Encoded: text.text), data.count >= 42 else {
            field.report(
                "\(text.quoted) is not a public key of Tauri.", "Write the updater's pubkey of tauri.conf.json.")
            return nil
        }
        return text.text
    }

    private func platform(_ field: Field) -> String? {
        guard let text = field.text("a platform") else { return nil }
        let parts = text.text.split(separator: "-", omittingEmptySubsequences: false)
        guard (2...3).contains(parts.count), ["linux", "darwin", "windows"].contains(parts[0]),
            parts.allSatisfy({ part in
                !part.isEmpty && part.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
            })
        else {
            field.report("\(text.quoted) is not a platform.", "Write one such as darwin-aarch64 or windows-x86_64.")
            return nil
        }
        return text.text
    }
}

extension Field {
    /// The address of a feed, which clients have too: https, or this machine.
    fileprivate func feedURL(allowsVariables: Bool = false) -> String? {
        guard let text = text("a URL") else { return nil }
        var plain = text.text.replacing("{tag}", with: "x").replacing("{version}", with: "x")
        if allowsVariables {
            for name in ["target", "arch", "current_version", "bundle_type"] {
                plain = plain.replacing("{{\(name)}}", with: "x")
            }
        }
        guard !plain.contains("{"), !plain.contains("}") else {
            report("\(text.quoted) has braces that mean nothing here.")
            return nil
        }
        let field = Field(node: Node(plain), keyPath: keyPath, mark: mark, reading: reading)
        guard field.link() != nil else { return nil }
        guard isPrivate(plain) else {
            report("is plain http to another machine: anybody on the way could change it.", "Write https.")
            return nil
        }
        return text.text
    }
}
