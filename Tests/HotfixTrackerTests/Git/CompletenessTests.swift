import HotfixTestSupport
import HotfixTracker
import Testing

@Suite struct CompletenessTests {
    private func target(_ branch: String, _ role: MergeTarget.Role = .main, at commit: String? = nil) -> MergeTarget {
        MergeTarget(branch: branch, role: role, commit: commit ?? branch)
    }

    @Test func `what is not merged is missing, and what is merged is an ancestor`() async throws {
        try await withRepository { lab in
            let ids = try await lab.branch("hotfix/x", ("One", ["a.txt": "a"]), ("Two", ["b.txt": "b"]))
            let before = try await lab.git.completeness(base: "main", head: "hotfix/x", targets: [target("main")])
            #expect(before.commits.map(\.id) == ids)
            #expect(before.commits.map(\.subject) == ["One", "Two"])
            #expect(
                before.commits.map(\.author) == ["Ada Lovelace <ada@example.com>", "Ada Lovelace <ada@example.com>"])
            #expect(before.entries[0].containments == [.missing, .missing])
            #expect(!before.isComplete)
            let merged = try await lab.git.merge(ids[1], into: "main", message: "Merge")
            try await lab.files.git("update-ref", "refs/heads/main", merged)
            // The base has the hotfix now, and still shows where it began.
            let after = try await lab.git.completeness(base: "main", head: "hotfix/x", targets: [target("main")])
            #expect(after.commits.map(\.id) == ids)
            #expect(after.entries[0].containments == [.ancestor, .ancestor])
            #expect(after.isComplete)
        }
    }

    @Test func `what a hotfix took over from main is not its own, also where main was moved forward to it`()
        async throws
    {
        try await withRepository { lab in
            let files = lab.files
            let start = try await files.id("main")
            try await files.git("switch", "--quiet", "--create", "hotfix/x")
            let other = try await files.clone("other")
            try await other.commit("Somebody else's", ["b.txt": "b"])
            try await other.git("push", "--quiet", "origin", "HEAD:main")
            try await files.git("fetch", "--quiet", "origin")
            try await files.git("merge", "--quiet", "--ff-only", "origin/main")
            let fix = try await files.commit("The fix", ["c.txt": "c"])
            try await files.git("push", "--quiet", "origin", "HEAD:main", "\(start):refs/heads/release/1")
            try await files.git("fetch", "--quiet", "origin")
            let found = try await lab.git.completeness(
                base: "refs/remotes/origin/main", head: "hotfix/x", start: start,
                targets: [
                    target("main", at: "refs/remotes/origin/main"),
                    target("release/1", .release, at: "refs/remotes/origin/release/1"),
                ])
            #expect(found.commits.map(\.id) == [fix] && found.isStartKnown && found.isStartRecorded)
            #expect(found.entries[1].containments == [.missing])
        }
    }

    @Test func `a cherry-pick counts, and what is not picked is missing`() async throws {
        try await withRepository { lab in
            let ids = try await lab.branch("hotfix/x", ("One", ["a.txt": "a"]), ("Two", ["b.txt": "b"]))
            try await lab.files.git("switch", "--quiet", "--create", "develop", "main")
            try await lab.files.commit("Beside", ["c.txt": "c"])
            try await lab.files.git("cherry-pick", ids[1])
            let picked = try await lab.files.id()
            let found = try await lab.git.completeness(
                base: "main", head: "hotfix/x", targets: [target("develop", .develop)])
            #expect(found.entries[0].containments == [.missing, .samePatch(picked)])
            #expect(!found.isComplete)
            #expect(try await lab.git.isContained(ids[1], in: "develop") == .samePatch(picked))
            #expect(try await lab.git.isContained(ids[0], in: "develop") == .missing)
            #expect(try await lab.git.isContained(ids[0], in: "hotfix/x") == .ancestor)
        }
    }

    @Test func `a squash merge of the whole hotfix counts as that, one of a part does not`() async throws {
        try await withRepository { lab in
            try await lab.branch(
                "hotfix/x", ("One", ["a.txt": "1\n"]), ("Two", ["a.txt": "1\n2\n", "b.txt": "b"]),
                ("Three", ["c.txt": "c"]))
            try await lab.files.git("switch", "--quiet", "main")
            try await lab.files.commit("Meanwhile", ["d.txt": "d"])
            try await lab.files.git("branch", "part")
            try await lab.files.git("merge", "--quiet", "--squash", "hotfix/x")
            let squash = try await lab.files.commit("Squashed")
            try await lab.files.git("switch", "--quiet", "part")
            try await lab.files.git("merge", "--quiet", "--squash", "hotfix/x~1")
            try await lab.files.commit("Squashed in part")
            let found = try await lab.git.completeness(
                base: "main", head: "hotfix/x", targets: [target("main"), target("part", .release)])
            #expect(found.entries[0].containments == [.squashed(squash), .squashed(squash), .squashed(squash)])
            #expect(found.entries[0].isComplete)
            #expect(found.entries[1].containments == [.missing, .missing, .missing])
            #expect(!found.entries[1].isComplete)
        }
    }

    @Test func `changes that look alike are not the same`() async throws {
        try await withRepository { lab in
            try await lab.files.git("switch", "--quiet", "main")
            try lab.files.write("\u{0}binary", to: "image.bin")
            let start = try await lab.files.commit(
                "Files", ["code.py": "if a:\n    b()\n    c()\n", "word.txt": "caf\n"])
            // The same files, and the same text but for white space, for bytes that are no UTF-8, for bytes that are no text.
            let variants: [(String, String, String)] = [
                ("code.py", "if a:\n    b()\nc()\n", "if a:\n    b()\n  c()\n"),
                ("image.bin", "\u{0}one", "\u{0}two"),
            ]
            for (index, variant) in variants.enumerated() {
                let id = try await lab.branch("hotfix/\(index)", at: start, ("Fix", [variant.0: variant.1]))[0]
                try await lab.branch("other/\(index)", at: start, ("Fix", [variant.0: variant.2]))
                #expect(try await lab.git.isContained(id, in: "other/\(index)") == .missing, "\(variant.0)")
            }
            for (name, byte) in [("hotfix/latin", "351"), ("other/latin", "350")] {
                try await lab.files.git("switch", "--quiet", "--create", name, start)
                try await installProgram(
                    "#!/bin/sh\nprintf 'caf\\\(byte)\\n' > word.txt\n", to: "\(lab.files.root)/\(byte)",
                    root: lab.files.root)
                try await lab.files.git("-c", "alias.w=!\(lab.files.root)/\(byte)", "w")
                try await lab.files.commit("Fix")
            }
            #expect(try await lab.git.isContained("hotfix/latin", in: "other/latin") == .missing)
        }
    }

    @Test func `a commit that changes nothing cannot be missing, a mode can`() async throws {
        try await withRepository { lab in
            let empty = try await lab.branch("hotfix/x", ("Nothing", [:]))[0]
            try await lab.files.git("update-index", "--chmod=+x", "shop.txt")
            try await lab.files.git("commit", "--quiet", "--message", "Mode")
            let mode = try await lab.files.id()
            try await lab.files.git("switch", "--quiet", "--force", "main")
            try await lab.files.commit("Nothing either")
            let found = try await lab.git.completeness(base: "main", head: mode, targets: [target("main")])
            #expect(found.entries[0].containments == [.empty, .missing])
            #expect(try await lab.git.isContained(empty, in: "main") == .empty)
            try await lab.files.git("cherry-pick", mode)
            let picked = try await lab.files.id()
            let after = try await lab.git.completeness(base: "main~1", head: mode, targets: [target("main")])
            #expect(after.entries[0].containments == [.empty, .samePatch(picked)])
            #expect(after.isComplete)
        }
    }

    @Test func `what main gave to the hotfix meanwhile is none of its commits`() async throws {
        try await withRepository { lab in
            let one = try await lab.branch("hotfix/x", ("One", ["a.txt": "a"]))[0]
            try await lab.files.git("switch", "--quiet", "main")
            try await lab.files.commit("Meanwhile", ["m.txt": "m"])
            try await lab.files.git("switch", "--quiet", "hotfix/x")
            try await lab.files.git("merge", "--quiet", "--no-edit", "main")
            let two = try await lab.files.commit("Two", ["b.txt": "b"])
            let before = try await lab.git.completeness(base: "main", head: "hotfix/x", targets: [target("main")])
            #expect(before.commits.map(\.id) == [one, two])
            // The first half is merged, then the branch goes on.
            let merged = try await lab.git.merge(two, into: "main", message: "Merge")
            try await lab.files.git("update-ref", "refs/heads/main", merged)
            let three = try await lab.files.commit("Three", ["c.txt": "c"])
            let after = try await lab.git.completeness(base: "main", head: "hotfix/x", targets: [target("main")])
            #expect(after.commits.map(\.id) == [one, two, three])
            #expect(after.entries[0].containments == [.ancestor, .ancestor, .missing])
        }
    }

    @Test func `a merge counts for what it holds itself, and for nothing where it only merges`() async throws {
        try await withRepository { lab in
            try await lab.branch("side", ("Side", ["s.txt": "s"]))
            let one = try await lab.branch("hotfix/x", ("One", ["a.txt": "a"]))[0]
            try await lab.files.git("merge", "--quiet", "--no-edit", "side")
            let side = try await lab.files.id("side")
            let clean = try await lab.git.completeness(
                base: "main", head: "hotfix/x", targets: [target("main")])
            #expect(clean.commits.map(\.id).sorted() == [one, side].sorted())
            try await lab.files.git("reset", "--quiet", "--hard", one)
            try await lab.files.git("merge", "--quiet", "--no-commit", "--no-ff", "side")
            let own = try await lab.files.commit("Merge", ["own.txt": "o"])
            try await lab.files.git("switch", "--quiet", "main")
            try await lab.files.commit("Meanwhile", ["m.txt": "m"])
            try await lab.files.git("cherry-pick", one, side)
            let found = try await lab.git.completeness(
                base: "main", head: "hotfix/x", targets: [target("main")])
            #expect(found.commits.last?.id == own)
            #expect(found.entries[0].containments.last == .missing)
            #expect(found.entries[0].containments.count(where: \.isContained) == 2)
            #expect(!found.isComplete)
        }
    }

    @Test func `commits that change nothing are merged nowhere by that`() async throws {
        try await withRepository { lab in
            try await lab.branch("hotfix/x", ("Nothing", [:]))
            let found = try await lab.git.completeness(base: "main", head: "hotfix/x", targets: [target("main")])
            #expect(found.entries[0].containments == [.empty])
            #expect(!found.isComplete)
        }
    }

    @Test func `where main was moved forward, only the head itself is believed`() async throws {
        try await withRepository { lab in
            try await lab.files.git("branch", "develop")
            let ids = try await lab.branch("hotfix/x", ("One", ["a.txt": "a"]), ("Two", ["b.txt": "b"]))
            try await lab.files.git("switch", "--quiet", "develop")
            try await lab.files.git("cherry-pick", ids[1])
            try await lab.files.git("branch", "--force", "main", ids[1])
            let found = try await lab.git.completeness(
                base: "main", head: "hotfix/x", targets: [target("main"), target("develop", .develop)])
            #expect(!found.isStartKnown)
            #expect(found.commits.map(\.id) == [ids[1]])
            #expect(found.entries.map(\.containments) == [[.ancestor], [.missing]])
            #expect(found.entries.map(\.isComplete) == [true, false])
            let recorded = try await lab.git.completeness(
                base: "main", head: "hotfix/x", start: "\(ids[0])~1",
                targets: [target("main"), target("develop", .develop)])
            #expect(recorded.isStartKnown && recorded.commits.map(\.id) == ids)
            let picked = try await lab.files.id("develop")
            #expect(recorded.entries.map(\.containments) == [[.ancestor, .ancestor], [.missing, .samePatch(picked)]])
        }
    }

    @Test func `a branch whose commit is not here is not known, and never complete`() async throws {
        try await withRepository { lab in
            try await lab.branch("hotfix/x", ("One", ["a.txt": "a"]))
            let nowhere = String(repeating: "1", count: 40)
            let found = try await lab.git.completeness(
                base: "main", head: "hotfix/x", targets: [target("main", at: nowhere)])
            #expect(found.entries[0].containments == [.unknown])
            #expect(!found.isComplete)
            #expect(try await lab.git.isContained("hotfix/x", in: nowhere) == .unknown)
        }
    }

    @Test func `subjects and authors come back as they are`() async throws {
        try await withRepository { lab in
            let hostile = "\u{1B}[2J'; rm \"$(id)\" \u{202E}\u{1F525}\r"
            try await lab.branch("hotfix/x", (hostile, ["a.txt": "a"]), ("Plain", ["b.txt": "b"]))
            try await lab.files.git("config", "i18n.logOutputEncoding", "ISO-8859-1")
            try await lab.files.git("config", "diff.noprefix", "true")
            try await lab.files.git("config", "diff.external", "/bin/false")
            let commits = try await lab.git.commits(from: "main", to: "hotfix/x")
            #expect(commits.map(\.subject) == [hostile.replacing("\r", with: ""), "Plain"])
            #expect(try await lab.git.isContained("hotfix/x", in: "main") == .missing)
        }
    }

    @Test func `ten thousand commits since take no more commands than ten`() async throws {
        try await withRepository { lab in
            let ids = try await lab.branch("hotfix/x", ("One", ["a.txt": "a"]), ("Two", ["shop.txt": "closed\n"]))
            try await installProgram(Self.history, to: "\(lab.files.root)/history", root: lab.files.root)
            var counts: [Int] = []
            for (name, size) in [("short", 10), ("long", 10_000)] {
                try await lab.files.git("-c", "alias.h=!\(lab.files.root)/history \(name) \(size)", "h")
                try await lab.files.git("switch", "--quiet", name)
                try await lab.files.git("cherry-pick", ids[0])
                let picked = try await lab.files.id()
                let (faulty, repository) = try await lab.faulty()
                try faulty.fail(nil)
                let found = try await repository.completeness(
                    base: "main", head: "hotfix/x", targets: [target(name, .release)])
                #expect(found.entries[0].containments == [.samePatch(picked), .missing])
                counts.append(try faulty.commands().count)
            }
            #expect(counts[0] == counts[1])
        }
    }

    /// Makes a branch of as many commits on main as it is told.
    private static let history = #"""
        #!/bin/sh
        i=0
        { echo "reset refs/heads/$1"; echo "from refs/heads/main"; echo
        while [ $i -lt $2 ]; do
            i=$((i+1))
            printf 'commit refs/heads/%s\ncommitter A <a@b> %d +0000\ndata 1\nx\nM 100644 inline f%d.txt\ndata 1\nx\n' "$1" $((1700000000+i)) $((i % 50))
            printf 'M 100644 inline g.txt\ndata 8\n%08d\n' $i
        done; } | git fast-import --quiet
        """# + "\n"
}
