/** The look of what is drawn: every kind of bar has its colour, and its pattern for who sees none. */

export const chartStyle = `
figure { margin: 1.25rem 0 0; max-width: 44rem }
figcaption { margin-bottom: .75rem; font-size: .9375rem; font-weight: 650; line-height: 1.4 }
.pair > figure, .twin > figure { margin-top: 0; max-width: none }
.twin > figure { margin-top: 1.5rem }
svg { display: block; max-width: 100% }
svg text { fill: var(--ink); font-size: 14px; unicode-bidi: isolate; font-variant-numeric: tabular-nums }
svg .s { font-size: 12.5px; fill: var(--soft) }
svg .b { font-weight: 650 }
svg .h { fill: var(--link) }
svg .wide { display: none }
@media (min-width: 40rem) { svg .wide { display: inline } svg .slim { display: none } .twin svg .wide { display: none } .twin svg .slim { display: inline } }
.rail { fill: var(--line); opacity: .45 }
.base { fill: var(--edge) }
svg .t { font-size: 11.5px }
.axis { stroke: var(--edge); stroke-width: 1; fill: none }
.f1 { fill: var(--c1); stroke: var(--c1) } .f2 { fill: url(#p2); stroke: var(--c2) } .f3 { fill: url(#p3); stroke: var(--c3) } .f4 { fill: url(#p4); stroke: var(--c4) }
.f5 { fill: url(#p5); stroke: var(--c5) } .f6 { fill: url(#p6); stroke: var(--c6) } .f7 { fill: url(#p7); stroke: var(--c7) }
pattern rect { fill: var(--card) }
.w2 { fill: var(--c2) } .w3 { fill: var(--c3) } .w4 { fill: var(--c4) } .w5 { fill: var(--c5) } .w6 { fill: var(--c6) } .w7 { fill: var(--c7) }
.k2 { stroke: var(--c2) } .k3 { stroke: var(--c3) } .k4 { stroke: var(--c4) } .k5 { stroke: var(--c5) } .k6 { stroke: var(--c6) } .k7 { stroke: var(--c7) }
.ks { fill: none; stroke-width: 2 }
.legend { display: flex; flex-wrap: wrap; gap: .25rem 1.125rem; margin: .75rem 0 0; padding: 0; list-style: none; font-size: .875rem; color: var(--soft) }
.legend li { display: inline-flex; align-items: center; gap: .5rem }
.legend svg { flex: none }
.patterns { position: absolute; width: 0; height: 0; overflow: hidden }
.box { fill: var(--card); stroke: var(--edge) }
.step { fill: var(--tint); stroke: var(--link) }
.end { fill: var(--link); stroke: var(--link) }
svg text.on { fill: var(--on-accent); font-weight: 650 }
.way { fill: none; stroke: var(--link); stroke-width: 2.5; stroke-linecap: round; stroke-linejoin: round }
.aside { fill: none; stroke: var(--edge); stroke-width: 1.25; stroke-dasharray: 3 4 }
.open { fill: var(--card); stroke: var(--edge); stroke-width: 1.5 }
.full { fill: var(--link) }
.tick { fill: none; stroke: var(--on-accent); stroke-width: 2; stroke-linecap: round; stroke-linejoin: round }
.trust { fill: none; stroke: var(--link); stroke-width: 2 }
.trust.weak { stroke-dasharray: 6 4 }
.trust.off { stroke: var(--edge); stroke-dasharray: 2 4 }
.tip { fill: var(--link) }
.ghost { fill: none; stroke: var(--edge); stroke-dasharray: 4 3 }
@media print { .end { fill: #ffffff; stroke-width: 2 } svg text.on { fill: var(--ink) } .full { fill: var(--link) } .tick { stroke: #ffffff } .rail { fill: none; stroke: var(--line); opacity: 1 } }
@media (forced-colors: active) { svg { forced-color-adjust: none; background: var(--card) } }
`;
