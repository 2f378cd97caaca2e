package import HotfixCore

extension StatusFile {
    /// What stands at a path of keys, such as `["branch", "name"]`; a key that is not set stands for its default.
    package subscript(path: JSONString...) -> JSONValue {
        value(at: path[...], in: root) ?? value(at: path[...], in: Self.defaults) ?? .null
    }

    /// Sets what stands at a path of keys, in its place where it is there already.
    ///
    /// A new key of the script's comes behind those that stand before it in the script's order, a new one of hotfix behind all of those.
    /// What stands on the way and is no object is replaced.
    ///
    /// - Parameters:
    ///   - path: The keys from the top; at least one.
    ///   - value: What is set.
    package mutating func set(_ path: JSONString..., to value: JSONValue) {
        root = setting(path[...], to: value, in: root, defaults: Self.defaults, isTop: true)
    }
}

private func value(at path: ArraySlice<JSONString>, in object: JSONObject) -> JSONValue? {
    path.reduce(.object(object) as JSONValue?) { $0?.object?[$1] }
}

private func setting(
    _ path: ArraySlice<JSONString>, to value: JSONValue, in object: JSONObject, defaults: JSONObject, isTop: Bool
) -> JSONObject {
    guard let key = path.first else { return object }
    var object = object
    let order = defaults.members.map(\.key)
    let position = order.firstIndex(of: key)
    let predecessors =
        position.map { Array(order[..<$0]) }
        ?? (isTop ? order + StatusFile.ownKeys(before: key) : object.members.map(\.key))
    if path.count == 1 {
        object.set(key, value, after: predecessors)
    } else {
        let below = defaults[key]?.object ?? [:]
        let old = object[key]?.object ?? below
        object.set(
            key, .object(setting(path.dropFirst(), to: value, in: old, defaults: below, isTop: false)),
            after: predecessors)
    }
    return object
}

extension StatusFile {
    /// The keys of hotfix whose values are of one kind, each with the commands that write them by a plan.
    private static let ownKinds: [(path: [JSONString], kind: StatusKind, planned: [String])] = [
        (["stability"], .object, []), (["deployment"], .object, []), (["criticality"], .object, []),
        (["approvals"], .list, []), (["review"], .list, []), (["release"], .object, ["release"]),
        (["communication"], .list, []), (["merge"], .object, ["complete", "release"]), (["intents"], .list, []),
        (["uat", "sessions"], .list, []), (["uat", "issues"], .list, []), (["uat", "stagingDeployedAt"], .text, []),
    ]

    /// Refuses a change that would take the place of what the team keeps at one of hotfix's keys.
    ///
    /// - Parameters:
    ///   - changed: What the file would hold.
    ///   - path: What errors call the file.
    /// - Throws: ``StatusFileError`` that names the key, what is there and what to do.
    func requireRoom(for changed: StatusFile, path: String) throws(StatusFileError) {
        for (keys, kind, _) in Self.ownKinds
        where value(at: keys[...], in: changed.root) != value(at: keys[...], in: root) {
            try requireRoom(at: keys, kind, path)
        }
    }

    /// Refuses a plan whose command could not record what it did, before it does anything.
    ///
    /// - Parameters:
    ///   - command: The command, as it is typed.
    ///   - path: What errors call the file.
    /// - Throws: ``StatusFileError`` that names the key, what is there and what to do.
    func requireRoom(forPlanOf command: String, path: String) throws(StatusFileError) {
        for (keys, kind, planned) in Self.ownKinds where planned.contains(command) {
            try requireRoom(at: keys, kind, path)
        }
    }

    /// Whether a key of hotfix's holds what hotfix keeps there.
    func holdsOwn(_ keys: JSONString...) -> Bool {
        guard let kind = Self.ownKinds.first(where: { $0.path == keys })?.kind else { return true }
        return value(at: keys[...], in: root).map(kind.holds) ?? true
    }

    private func requireRoom(at keys: [JSONString], _ kind: StatusKind, _ path: String) throws(StatusFileError) {
        guard let found = value(at: keys[...], in: root), found != .null, !kind.holds(found) else { return }
        let key = keys.map(\.text).joined(separator: ".")
        throw StatusFileError(
            path: path,
            message:
                "\(key) is \(found.kindText), and hotfix keeps \(kind.rawValue) of its own there. Give yours another key, "
                + "or write null there, and run the command again. The file was left as it was.")
    }

    /// The keys that hotfix adds behind the script's, in their order.
    static let ownKeys: [JSONString] = [
        "stability", "deployment", "criticality", "approvals", "review", "release", "communication", "merge", "intents",
        "history",
    ]

    /// Those of hotfix's keys that stand before one.
    static func ownKeys(before key: JSONString) -> [JSONString] {
        ownKeys.firstIndex(of: key).map { Array(ownKeys[..<$0]) } ?? ownKeys
    }
}
