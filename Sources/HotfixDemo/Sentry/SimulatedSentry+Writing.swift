import Foundation
import HotfixCore

/// What Sentry takes: releases and their deploys.
extension SimulatedSentry {
    /// `POST releases/`: a release, or the one that is there already.
    func makeRelease(_ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let body = try body(request)
        guard let version = body["version"]?.written, !version.isEmpty else {
            throw .field("version", "This field is required.")
        }
        let isSound =
            version.count <= 200 && ![".", "..", "latest"].contains(version)
            && !version.unicodeScalars.contains { "\r\n\u{C}\t/\\".unicodeScalars.contains($0) }
        guard isSound else { throw .field("version", "Release with name \(version) is not valid") }
        guard case .array(let listed)? = body["projects"], !listed.isEmpty else {
            throw .field("projects", "This field is required.")
        }
        var ids: [Int] = []
        for slug in listed {
            guard let project = projects.first(where: { $0.slug == slug.written }) else {
                throw .field("projects", "Invalid project ids or slugs")
            }
            ids.append(project.id)
        }
        let isKnown = server.releases.contains { $0.version == version }
        if !isKnown {
            server.releases.append(
                Release(version, projects: ids, created: now().description, commit: body["ref"]?.written))
        }
        return .json("{\"version\":\(jsonText(version))}", status: isKnown ? 208 : 201)
    }

    /// `POST releases/{version}/deploys/`: each time another deploy.
    func makeDeploy(of version: String, _ request: LoopbackRequest) throws(LoopbackRefusal) -> LoopbackAnswer {
        let body = try body(request)
        guard let index = server.releases.firstIndex(where: { $0.version == version.removingPercentEncoding }) else {
            throw .notFound
        }
        guard let environment = body["environment"]?.written, !environment.isEmpty else {
            throw .field("environment", "This field is required.")
        }
        guard environment.count <= 64 else {
            throw .field("environment", "Ensure this field has no more than 64 characters.")
        }
        let name = body["name"]?.written
        guard name.map({ $0.count <= 64 }) ?? true else {
            throw .field("name", "Ensure this field has no more than 64 characters.")
        }
        var finished = now()
        if let value = body["dateFinished"] {
            guard let instant = value.written.flatMap({ Instant(text: $0) }) else {
                throw .field("dateFinished", "Datetime has wrong format.")
            }
            finished = instant
        }
        var deploy = Release.Deploy(environment, at: finished)
        deploy.name = name
        server.releases[index].deploys.append(deploy)
        let named = name.map(jsonText) ?? "null"
        return .json(
            """
            {"id":"\(server.releases[index].deploys.count)","environment":\(jsonText(environment)),"dateStarted":null,
            "dateFinished":\(jsonText(deploy.finished)),"name":\(named),"url":null}
            """, status: 201)
    }

    private func body(_ request: LoopbackRequest) throws(LoopbackRefusal) -> JSONObject {
        guard let object = (try? JSONParser.value(of: request.body))?.object else {
            throw .detail(400, "JSON parse error")
        }
        return object
    }
}

extension LoopbackRefusal {
    /// What Sentry says of a field that it does not take.
    fileprivate static func field(_ name: String, _ text: String) -> LoopbackRefusal {
        LoopbackRefusal(.json("{\(jsonText(name)):[\(jsonText(text))]}", status: 400))
    }
}

extension JSONValue {
    /// The text, nil where the value is another.
    fileprivate var written: String? {
        if case .string(let string) = self { string.text } else { nil }
    }
}
