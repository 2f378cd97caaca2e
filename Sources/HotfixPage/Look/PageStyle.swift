extension PageSheet {
    /// What holds for all of a page.
    static let base = """
        *,*::before,*::after{box-sizing:border-box}
        html{font:16px/1.5 system-ui,-apple-system,"Segoe UI","DejaVu Sans",Arial,sans-serif;background:var(--ground);color:var(--text);-webkit-text-size-adjust:100%}
        body{margin:0;overflow-wrap:anywhere}
        a{color:var(--link);text-underline-offset:.15em}
        a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--focus);outline-offset:2px;border-radius:2px}
        main:focus{outline:none}
        .skip{position:absolute;left:.5rem;top:-4rem;background:var(--surface);padding:.5rem 1rem;border:2px solid var(--focus);z-index:2}
        .skip:focus{top:.5rem}
        .top{display:flex;flex-wrap:wrap;gap:.25rem 1rem;align-items:baseline;justify-content:space-between;padding:.75rem 1rem;background:var(--surface);border-bottom:1px solid var(--edge)}
        .brand{font-weight:700;color:var(--text);text-decoration:none;font-size:1.1rem}
        .top .asof{color:var(--muted);font-size:.875rem}
        .top form{display:inline}
        .banner{background:var(--warn-ground);color:var(--warn);padding:.5rem 1rem;font-weight:600}
        .lost{position:sticky;top:0;z-index:3;background:var(--bad-ground);color:var(--bad);padding:.5rem 1rem;font-weight:600;border-bottom:2px solid}
        .outdated main{filter:grayscale(1)}
        .outdated .state h1 .word::after{content:" (then)"}
        .told{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);margin:0}
        main,footer{max-width:96rem;margin:0 auto;padding:1rem}
        footer{color:var(--muted);font-size:.875rem}
        section,.card{background:var(--surface);border:1px solid var(--edge);border-radius:.5rem;padding:1rem;margin:0 0 1rem}
        section section{border:0;border-top:1px solid var(--edge);border-radius:0;padding:1rem 0 0;margin:1rem 0 0}
        h1{font-size:1.5rem;line-height:1.25;margin:0 0 .5rem}
        h2{font-size:1.2rem;line-height:1.3;margin:0 0 .75rem}
        h3{font-size:1.05rem;margin:0 0 .5rem}
        h4{font-size:1rem;margin:0 0 .25rem}
        *+h2,*+h3{margin-top:1rem}
        p{margin:0 0 .5rem}
        nav{margin:0 0 .75rem}
        dl+p,ul+p,form+p{margin-top:.75rem}
        p:last-child{margin-bottom:0}
        code{font-family:ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;font-size:.875em;background:var(--sunken);padding:.1em .3em;border-radius:.25rem}
        .muted{color:var(--muted)}
        small,.small{font-size:.875rem}
        ul{margin:0;padding-left:1.25rem}
        ul.plain{list-style:none;padding:0}
        ul.plain>li{padding:.75rem 0;border-top:1px solid var(--edge)}
        ul.plain>li:first-child{border-top:0;padding-top:0}

        """

    /// What single parts look like.
    static let parts = """
        .state{border-left:.5rem solid var(--outline)}
        .state h1{display:flex;flex-wrap:wrap;gap:.25rem .75rem;align-items:center}
        .word{display:inline-flex;align-items:center;gap:.4em;font-size:.8em;font-weight:700;text-transform:uppercase;letter-spacing:.03em;padding:.15em .6em;border-radius:1em;white-space:nowrap;background:var(--calm-ground);color:var(--calm)}
        .word::before{content:"";width:.7em;height:.7em;border:.15em solid currentColor}
        .good{background:var(--good-ground);color:var(--good)}.good::before{border-radius:50%;background:currentColor}
        .bad{background:var(--bad-ground);color:var(--bad)}.bad::before{background:currentColor;transform:rotate(45deg)}
        .warn{background:var(--warn-ground);color:var(--warn)}.warn::before{border-radius:0;border-style:dashed}
        .busy{background:var(--busy-ground);color:var(--busy)}.busy::before{border-radius:50%}
        .state.is-good{border-left-color:var(--good)}.state.is-bad{border-left-color:var(--bad)}.state.is-warn{border-left-color:var(--warn)}.state.is-busy{border-left-color:var(--busy)}
        .proven{display:grid;gap:.25rem;margin:.75rem 0}
        progress{-webkit-appearance:none;appearance:none;width:100%;height:1.25rem;border:1px solid var(--outline);border-radius:.25rem;overflow:hidden;background:var(--sunken);color:var(--button)}
        progress::-webkit-progress-bar{background:var(--sunken)}
        progress::-webkit-progress-value{background:var(--button)}
        progress::-moz-progress-bar{background:var(--button)}
        dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:0}
        dt{color:var(--muted)}
        dd{margin:0;min-width:0}
        .scroll{overflow-x:auto;max-width:100%}
        table{border-collapse:collapse;width:100%;font-size:.875rem}
        caption{text-align:left;color:var(--muted);padding:.25rem 0}
        th,td{text-align:left;vertical-align:top;padding:.3rem .75rem .3rem 0;border-bottom:1px solid var(--edge);overflow-wrap:normal}
        td.number,th.number{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
        td.text{overflow-wrap:anywhere;min-width:8rem}
        td.when{white-space:nowrap;font-variant-numeric:tabular-nums}
        details{margin:.5rem 0 0}
        details[open]>summary{margin-bottom:.5rem}
        summary{cursor:pointer;color:var(--link);min-height:24px}
        form.entry{display:grid;grid-template-columns:repeat(auto-fit,minmax(12rem,1fr));gap:.5rem 1rem;align-items:end;margin:.5rem 0 0}
        label{display:grid;gap:.15rem;font-size:.875rem;color:var(--muted)}
        input,select{font:inherit;color:var(--text);background:var(--surface);border:1px solid var(--outline);border-radius:.25rem;padding:.4rem .5rem;width:100%;min-height:2.5rem}
        button{font:inherit;font-weight:600;color:var(--button-text);background:var(--button);border:1px solid transparent;border-radius:.25rem;padding:.4rem 1rem;min-height:2.5rem;cursor:pointer}
        button.plain{background:none;color:var(--link);border:0;padding:0;min-height:24px;font-weight:400;text-decoration:underline}
        nav [aria-current]{color:var(--text);font-weight:700;text-decoration:none}
        .spans,.more{margin-top:1rem}
        nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0}
        .facts-two{display:grid;gap:0 1rem}
        @media (min-width:60rem){.facts-two{grid-template-columns:1fr 1fr}}
        @media (max-width:30rem){dl{grid-template-columns:1fr;gap:0}dd{margin:0 0 .5rem}main,footer{padding:.5rem}section,.card{padding:.75rem}section section{padding:.75rem 0 0}}
        @media (prefers-reduced-motion:no-preference){.swapped{animation:swapped 1.2s}@keyframes swapped{from{background:var(--busy-ground)}}}
        @media print{.top form,form.entry,.skip{display:none}section{break-inside:avoid}}
        @media (forced-colors:active){.word,.w,progress,.hotfix-plot{forced-color-adjust:none}}

        """

    /// The strip of a service's windows: hours of cells, as many hours beside each other as there is room for.
    static let strip = """
        .strip{list-style:none;margin:.5rem 0 0;padding:0;display:grid;grid-template-columns:repeat(6,1fr);gap:.35rem 2px}
        @media (min-width:45rem){.strip{grid-template-columns:repeat(12,1fr)}}
        @media (min-width:75rem){.strip{grid-template-columns:repeat(24,1fr)}}
        .strip .hour{display:block;font-size:.6875rem;line-height:1.3;color:var(--muted);font-variant-numeric:tabular-nums;white-space:nowrap}
        .cells{display:flex;align-items:flex-end;height:1.75rem;border-bottom:1px solid var(--outline)}
        .w{display:block;flex:1 1 0;min-width:0;height:100%;position:relative}
        .w::after{content:"";position:absolute;left:0;right:1px;bottom:0}
        .w:hover::after,.w:focus::after{outline:2px solid var(--focus)}
        .w:focus-visible{z-index:1}
        .c::after{height:40%;background:var(--cell-clean)}
        .b::after{height:100%;background:var(--bad)}
        .b{z-index:1}
        .p::after{height:100%;border:1px solid var(--warn);border-bottom-width:.4rem}
        .u::after{height:70%;background:repeating-linear-gradient(45deg,var(--cell-unproven) 0 1.5px,transparent 1.5px 4px);border-top:2px solid var(--cell-unproven)}
        .m::after{height:100%;border-left:1px dotted var(--outline);border-right:1px dotted var(--outline);right:0}
        .n::after{height:3px;background:var(--edge)}
        .key{display:flex;flex-wrap:wrap;gap:.25rem 1rem;list-style:none;padding:0;margin:.5rem 0 0;font-size:.875rem;color:var(--muted)}
        .key li{display:flex;align-items:flex-end;gap:.4rem}
        .key .w{flex:none;width:.75rem;height:1.25rem}

        """

    /// Plots, of which the narrow or the wide form is shown.
    static let plots = """
        figure{margin:.5rem 0 0}
        .plots{display:grid;gap:1.5rem 2rem;margin-top:1.25rem}
        .plots>*{min-width:0}
        @media (min-width:70rem){.plots{grid-template-columns:1fr 1fr}}
        .hotfix-plot{display:block;width:100%;height:auto;max-width:60rem}
        .narrow{display:block}.wide{display:none}
        @media (min-width:40rem){.narrow{display:none}.wide{display:block}}
        @media print{.narrow{display:none}.wide{display:block}}

        """
}
