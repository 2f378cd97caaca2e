extension PageSheet {
    /// Listens for windows that were judged, and puts the changed parts of the page in the place of the old ones.
    ///
    /// Everything works without it, but that a page stays as it was made. It never leaves somebody to believe an old page: where the
    /// server has not confirmed for a minute that what is shown is how it stands, the page says so, says since when, and loses its colours.
    static let pageScript = #"""
        "use strict";
        (() => {
          const main = document.querySelector("main");
          if (!main) return;
          const lost = document.querySelector(".lost");
          const told = document.querySelector(".told");
          const isLive = document.body.dataset.events === "on";
          const reach = "a[href],button,input,select,summary,[tabindex]";

          // What the server gave, before anything here changed it.
          let parts = [...main.children].map((part) => part.outerHTML);
          let title = document.title;
          let icon = document.querySelector("link[rel=icon]")?.getAttribute("href");
          let busy = false, again = false, asked = 0, source = null;

          // When the server last said that this is how it stands: by our clock, and by its own.
          let heard = Date.now();
          const shownAt = () => Date.parse(document.querySelector(".asof time")?.dateTime || "");
          let base = [heard, shownAt()];
          const hear = () => { heard = Date.now(); if (lost && !lost.hidden) inform(false); };
          const inform = (isLost) => {
            lost.hidden = !isLost;
            document.body.classList.toggle("outdated", isLost);
            document.title = (isLost ? "Out of date · " : "") + title;
            const link = document.querySelector("link[rel=icon]");
            if (link) link.href = isLost ? lost.dataset.icon : icon;
          };
          const lose = () => {
            if (!lost || !lost.hidden) return;
            const since = new Date(Number.isFinite(base[1]) ? base[1] + Math.max(0, heard - base[0]) : heard);
            lost.textContent = "The server has not said how it stands since " + since.toISOString().slice(0, 16).replace("T", " ")
              + " UTC. What follows is of then, or earlier.";
            inform(true);
          };

          const keyOf = (element) => {
            if (element.tagName === "SUMMARY" && element.parentElement.id) return { summary: element.parentElement.id };
            if (element.id) return { id: element.id };
            const holder = element.parentElement?.closest("[id]");
            const href = element.getAttribute("href");
            return {
              holder: holder?.id, href: href && href + "|" + element.className,
              index: holder ? [...holder.querySelectorAll(reach)].indexOf(element) : -1,
            };
          };
          const find = (key) => {
            if (key.summary) return document.getElementById(key.summary)?.querySelector("summary");
            if (key.id) return document.getElementById(key.id);
            const holder = key.holder && document.getElementById(key.holder);
            const ofKey = (link) => link.getAttribute("href") + "|" + link.className === key.href;
            if (key.href) {
              return [...(holder || main).querySelectorAll("a[href]")].find(ofKey)
                || [...main.querySelectorAll("a[href]")].find(ofKey);
            }
            return holder && [...holder.querySelectorAll(reach)][key.index];
          };
          const keep = () => {
            const kept = { open: [], fields: [], focus: null, range: null };
            for (const details of main.querySelectorAll("details[id]")) if (details.open) kept.open.push(details.id);
            for (const field of main.querySelectorAll("input[id],select[id]"))
              if (field.type !== "hidden") kept.fields.push([field.id, field.value]);
            const active = document.activeElement;
            if (active && active !== main && main.contains(active)) {
              kept.focus = active;
              kept.key = keyOf(active);
              if (active.tagName === "INPUT" && active.selectionStart !== null)
                kept.range = [active.selectionStart, active.selectionEnd];
            }
            return kept;
          };
          const restore = (kept) => {
            for (const id of kept.open) { const details = document.getElementById(id); if (details) details.open = true; }
            for (const [id, value] of kept.fields) {
              const field = document.getElementById(id);
              if (field && field.value !== value) field.value = value;
            }
            if (!kept.focus || kept.focus.isConnected) return;
            const target = find(kept.key);
            if (target) {
              target.focus({ preventScroll: true });
              if (kept.range && target.setSelectionRange) target.setSelectionRange(...kept.range);
            }
          };

          // Parts that say the same stay, with what somebody marked or reads in them.
          const replace = (fresh, isNews) => {
            const before = [...main.children], after = [...fresh.children];
            const markups = after.map((part) => part.outerHTML);
            const isAlike = before.length === after.length && parts.length === after.length
              && before.every((part, index) => part.tagName === after[index].tagName && part.id === after[index].id);
            const changed = isAlike ? after.filter((_, index) => markups[index] !== parts[index]) : after;
            if (isAlike) {
              before.forEach((part, index) => { if (markups[index] !== parts[index]) part.replaceWith(after[index]); });
            } else {
              main.replaceChildren(...after);
            }
            parts = markups;
            if (isNews) for (const part of changed) part.classList.add("swapped");
          };
          const ledgerOf = (mark) => (mark || "").replace(/\.[^.]*$/, "");
          const spoken = (tree) => [...(tree.querySelector("h1")?.children || [])].map((part) => part.textContent).join(": ");

          const refresh = async () => {
            if (busy) { again = true; return; }
            busy = true;
            asked = Date.now();
            try {
              const answer = await fetch(location.href, {
                headers: { Accept: "text/html" }, cache: "no-store", signal: AbortSignal.timeout(20000),
              });
              if (answer.status === 401) { location.reload(); return; }
              if (!answer.ok) throw new Error(String(answer.status));
              const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
              const next = fresh.querySelector("main[data-mark]");
              // What lies between may answer in the server's place.
              if (!next || !next.dataset.mark) throw new Error("no page");
              const kept = keep();
              const sentence = spoken(main);
              replace(next, ledgerOf(main.dataset.mark) !== ledgerOf(next.dataset.mark));
              main.dataset.mark = next.dataset.mark;
              restore(kept);
              prepare();
              for (const selector of ["link[rel=icon]", ".asof"]) {
                const [old, replacement] = [document.querySelector(selector), fresh.querySelector(selector)];
                if (old && replacement) old.replaceWith(replacement);
              }
              icon = document.querySelector("link[rel=icon]")?.getAttribute("href");
              document.title = title = fresh.title;
              base = [Date.now(), shownAt()];
              hear();
              if (told && spoken(main) !== sentence) told.textContent = spoken(main);
            } catch { /* The page says by itself when it has not heard of the server for a minute. */ }
            finally {
              busy = false;
              if (again) { again = false; refresh(); }
            }
          };

          // A strip is one stop of the tab key; the arrow keys lead from cell to cell.
          const prepare = () => {
            for (const strip of main.querySelectorAll(".strip")) {
              const cells = [...strip.querySelectorAll("a.w")];
              const focused = cells.indexOf(document.activeElement);
              cells.forEach((cell, index) => { cell.tabIndex = index === (focused < 0 ? cells.length - 1 : focused) ? 0 : -1; });
            }
          };
          main.addEventListener("keydown", (event) => {
            const cell = event.target.closest && event.target.closest(".strip a.w");
            if (!cell || event.ctrlKey || event.metaKey || event.altKey) return;
            const cells = [...cell.closest(".strip").querySelectorAll("a.w")];
            const hour = cell.parentElement.querySelectorAll("a.w").length;
            const steps = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -hour, ArrowDown: hour, Home: -cells.length, End: cells.length };
            if (!(event.key in steps)) return;
            event.preventDefault();
            const index = Math.min(cells.length - 1, Math.max(0, cells.indexOf(cell) + steps[event.key]));
            cell.tabIndex = -1;
            cells[index].tabIndex = 0;
            cells[index].focus();
          });
          prepare();

          // What could not be shown is shown as soon as it can be.
          if (document.body.dataset.events === "waiting") {
            setInterval(() => {
              fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" })
                .then((answer) => { if (answer.ok) location.replace(location.href); }, () => {});
            }, 10000);
            return;
          }
          // A link from elsewhere brings no cookie along; asking again from here does.
          if (document.body.dataset.events === "signed-out") {
            fetch(location.href, { headers: { Accept: "text/html" }, cache: "no-store" })
              .then((answer) => { if (answer.ok) location.replace(location.href); }, () => {});
            return;
          }
          if (!isLive) return;

          // Only that the server has this very state confirms the page; that it can be reached says nothing of what is shown.
          const take = (event) => { if (event.data === main.dataset.mark) hear(); else refresh(); };
          const listen = () => {
            if (!window.EventSource || (source && source.readyState !== EventSource.CLOSED)) return;
            source = new EventSource("/events");
            for (const name of ["judged", "still"]) source.addEventListener(name, take);
          };
          const leave = () => { if (source) source.close(); source = null; };
          const look = () => {
            const silent = Date.now() - heard;
            if (!document.hidden) listen();
            // A page that nobody looks at asks each minute, which browsers may delay by another.
            if (silent > (document.hidden ? 150000 : 60000)) lose();
            if (silent > 30000 && Date.now() - asked > 15000) refresh();
          };
          // A browser opens six connections to a server: pages in the background must not hold all of them.
          document.addEventListener("visibilitychange", () => {
            if (document.hidden) { leave(); return; }
            if (Date.now() - heard > 60000) lose();
            listen();
            refresh();
          });
          addEventListener("pagehide", leave);
          addEventListener("pageshow", (event) => {
            if (!event.persisted) return;
            if (Date.now() - heard > 60000) lose();
            listen();
            refresh();
          });
          if (!document.hidden) listen();
          setInterval(look, 5000);
        })();

        """#
}
