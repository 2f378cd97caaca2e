import Foundation
import HotfixCore
import HotfixTestSupport
import HotfixTracker
import Testing

@Suite("Publishing the tracker's files", .heavy)
struct PublicationTests {
    @Test("the branch begins by itself, holds the two files alone, and grows by what is new")
    func branch() async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            let first = try await repository.publication().publish(at: midday)
            let commit = try await repository.id(trackerRef)
            #expect(first == .committed(commit))
            #expect(try await repository.commits() == [commit])
            #expect(
                try await repository.git("ls-tree", "-r", "--name-only", trackerRef) == "\(reportPath)\n\(statusPath)")
            #expect(try await repository.published() == trimmed(statusText("counting")))
            #expect(
                try await repository.git("show", "--no-patch", "--format=%an <%ae> %cn %ct %B", trackerRef) == """
                    Ada Lovelace <ada@example.com> Ada Lovelace \(midday.seconds) hotfix tracker: counting, 1 h of 48 h proven

                    Branch: release/hotfix
                    Commit: a1a1
                    Evaluated until: \(midday)
                    """)

            #expect(try await repository.publication().publish(at: midday + 7200) == .nothingDue)
            try repository.track("counting", proven: 3900)
            #expect(try await repository.publication().publish(at: midday + 300) == .nothingDue)
            #expect(try await repository.commits() == [commit])
            try repository.track("breaching", proven: 0)
            let breach = try await repository.publication().publish(at: midday + 600)
            try repository.track("breaching", proven: 1)
            let hour = try await repository.publication().publish(at: midday + 4200)
            let commits = try await repository.commits()
            #expect([breach, hour] == commits.dropFirst().map { .committed($0) })
            #expect(try await repository.published(reportPath) == "# Report: breaching, 1")
            #expect(try await repository.state().contains("refs/remotes/origin/hotfix-tracker") == false)
        }
    }

    /// Ways in which somebody left the work tree, as lines of shell.
    private static let works = [
        "clean": "true",
        "staged and changed": "echo two >shop.txt; git add shop.txt; echo three >shop.txt; echo new >new.txt",
        "an unfinished merge": """
        git switch --quiet --create other; echo b >shop.txt; git commit --quiet --all --message b
        git switch --quiet main; echo c >shop.txt; git commit --quiet --all --message c
        ! git merge --quiet other
        """,
        "a rebase in progress": """
        git switch --quiet --create other; echo b >shop.txt; git commit --quiet --all --message b
        git switch --quiet main; echo c >shop.txt; git commit --quiet --all --message c
        ! git rebase --quiet other
        """,
        "detached": "git switch --quiet --detach",
        "an index that is locked": ": >.git/index.lock",
        "a split index, and line ends of another system": """
        git config core.splitIndex true; git config core.autocrlf true; git update-index --split-index
        printf '* text=auto eol=crlf\\n*.json filter=lfs\\n' >.gitattributes; git config filter.lfs.clean 'tr a b'
        git config filter.lfs.required true
        """,
        "hooks, signatures and a rule against these files": """
        git config commit.gpgSign true; git config gpg.program /bin/false; git config push.gpgSign true
        git config push.followTags true; git tag -a -m t t
        mkdir -p .git/hooks
        for hook in reference-transaction pre-commit post-index-change pre-push post-commit; do
          printf '#!/bin/sh\\necho ran >hook-ran; exit 1\\n' >.git/hooks/$hook; chmod 755 .git/hooks/$hook
        done
        echo docs >.gitignore
        """,
        "a sparse work tree": "git sparse-checkout set --no-cone shop.txt",
    ]

    @Test(
        "neither the work tree nor the index nor any other branch is touched, whatever somebody is in the middle of",
        arguments: works.keys.sorted(), [false, true])
    func untouched(_ work: String, pushes: Bool) async throws {
        try await withTestRepository { repository in
            let script = try #require(Self.works[work])
            try await repository.shell(script)
            try repository.track("counting")
            let (files, state) = (try repository.everything(), try await repository.others())
            let origin = try await repository.commits("main", in: repository.origin)
            for (index, state) in ["counting", "breaching"].enumerated() {
                try repository.write(statusText(state), to: statusPath)
                let outcome = try await repository.publication(pushes: pushes).publish(at: midday + index)
                let tip = try await repository.id(trackerRef)
                #expect(outcome == (pushes ? .pushed(tip) : .committed(tip)))
            }
            try repository.write(statusText("counting"), to: statusPath)
            #expect(try repository.everything() == files)
            #expect(try await repository.others() == state)
            let text = try await repository.git("cat-file", "blob", "\(trackerRef)~:\(statusPath)")
            #expect(text == trimmed(statusText("counting")))
            #expect(try await repository.commits("main", in: repository.origin) == origin)
            let refs = try await repository.git("for-each-ref", "--format=%(refname)", in: repository.origin)
            #expect(refs == (pushes ? "\(trackerRef)\nrefs/heads/main" : "refs/heads/main"))
            #expect(try await repository.isWhole())
        }
    }

    @Test("another work tree of the repository publishes on the same branch")
    func workTree() async throws {
        try await withTestRepository { repository in
            try await repository.git("worktree", "add", "--quiet", "--detach", "\(repository.root)/second")
            var second = repository
            second.directory = "\(repository.root)/second"
            try second.track("counting")
            let outcome = try await second.publication(pushes: true).publish(at: midday)
            #expect(try await outcome == .pushed(repository.id(trackerRef)))
        }
    }

    @Test("a directory that is reached by a symbolic link is the repository's all the same")
    func link() async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            try HotfixTrackerTests.link("\(repository.root)/shop", to: repository.directory)
            var linked = repository
            linked.directory = "\(repository.root)/shop"
            _ = try await linked.publication().publish(at: midday)
            #expect(try await repository.published() == trimmed(statusText("counting")))
        }
    }

    @Test("other files of the branch stay, and one without a report is published alone")
    func otherFiles() async throws {
        try await withTestRepository { repository in
            try await repository.git("switch", "--quiet", "--orphan", "hotfix-tracker")
            try await repository.commit("By hand", ["notes.txt": "mine", "docs": "a file where a directory comes"])
            try await repository.git("switch", "--quiet", "main")
            try repository.write(statusText("counting"), to: statusPath)
            _ = try await repository.publication().publish(at: midday)
            #expect(
                try await repository.git("ls-tree", "-r", "--name-only", trackerRef) == "\(statusPath)\nnotes.txt")
        }
    }

    @Test("who is known to nobody commits as hotfix")
    func identity() async throws {
        try await withTestRepository { repository in
            try repository.track("counting")
            try await repository.git("config", "user.useConfigOnly", "true")
            let nobody = repository.environment.filter { !$0.key.contains("AUTHOR") && !$0.key.contains("COMMITTER") }
            _ = try await repository.publication(environment: nobody).publish(at: midday)
            let who = try await repository.git("show", "--no-patch", "--format=%an <%ae> %cn <%ce>", trackerRef)
            #expect(who.wholeMatch(of: /hotfix <hotfix@[A-Za-z0-9.\-]+> hotfix <hotfix@[A-Za-z0-9.\-]+>/) != nil)
        }
    }
}

extension TestRepository {
    /// All refs but the tracker's own, and what is checked out.
    fileprivate func others() async throws -> String {
        let refs = try await git("for-each-ref", "--format=%(refname) %(objectname)").split(separator: "\n")
        let head = try await git("rev-parse", "HEAD")
        return (refs.filter { !$0.contains("hotfix-tracker") } + [head[...]]).joined(separator: "\n")
    }
}
