package import HotfixCore

extension StatusFile {
    /// What stands at a path of keys, such as `["branch", "name"]`; a key that is not set stands for its default.
    package subscript(path: JSONString...) -> JSONValue {
        value(at: path, in: root) ?? value(at: path, in: Self.defaults) ?? .null
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

private func value(at path: [JSONString], in object: JSONObject) -> JSONValue? {
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
