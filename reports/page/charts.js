// Stacked bars, one a row in the order of the table.
const stack = (chart, into) => {
  const parts = chart.axes.filter(a => rowsOf(chart.table).some(r => r[a.key] > 0)), rows = rowsOf(chart.table).filter(r => parts.some(a => r[a.key] > 0));
  if (!parts.length) { into.closest('section').hidden = true; return; }
  const longest = Math.max(...rows.map(r => labelOf(chart, r).length)), wide = longest > 28, most = wide ? 60 : 28;
  if (wide) into.closest('section').classList.add('wide');
  const name = row => { const s = labelOf(chart, row); return s.length > most ? `…${s.slice(1 - most)}` : s; };
  const W = wide ? 1060 : 520, bar = 16, left = 12 + 6 * Math.min(most, longest), H = rows.length * bar + 54;
  const total = r => parts.reduce((sum, a) => sum + r[a.key] / a.unit, 0);
  const box = { ...boxOf(W, H, left), top: 8, bottom: 8 + rows.length * bar };
  const x = scale(rows.map(total), false, box.left, box.right, true);
  const g = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': `${chart.title}; as a table below` });
  for (const t of x.ticks(5)) {
    g.append(svg('line', { class: 'grid', x1: x(t.v), x2: x(t.v), y1: box.top, y2: box.bottom }), svg('text', { x: x(t.v), y: box.bottom + 14, 'text-anchor': 'middle' }, short(t.v)));
  }
  g.append(svg('text', { class: 'name', x: box.right, y: box.bottom + 30, 'text-anchor': 'end' }, `${chart.note || chart.title} →`));
  rows.forEach((row, i) => {
    const top = box.top + i * bar;
    g.append(svg('text', { x: box.left - 5, y: top + 12, 'text-anchor': 'end' }, name(row)));
    let at = 0;
    parts.forEach((a, k) => {
      const v = row[a.key] / a.unit;
      if (!(v > 0)) return;
      g.append(svg('rect', { x: x(at), y: top + 2, width: Math.max(0, x(at + v) - x(at)), height: bar - 4, style: `fill:var(--c${k % colours})` },
        svg('title', {}, `${labelOf(chart, row)}: ${a.name} ${short(v)} of ${short(total(row))}`)));
      at += v;
    });
  });
  into.append(legend(parts.map((a, k) => [a.name, `var(--c${k % colours})`])), html('div', { class: 'plot' }, g), twin(chart, rows, parts));
};

// twin is the table of what a picture shows.
const twin = (chart, rows, axes) => {
  const table = html('table', {},
    html('thead', {}, html('tr', {}, html('th', { class: 'l', scope: 'col' }, chart.label.join(', ')), ...axes.map(a => html('th', { scope: 'col' }, a.name)))),
    html('tbody', {}, ...rows.map(r => html('tr', {}, html('th', { class: 'l', scope: 'row' }, labelOf(chart, r)), ...axes.map(a => html('td', typeof r[a.key] === 'number' ? { 'data-v': r[a.key] } : {}, typeof r[a.key] === 'number' ? short(r[a.key] / a.unit) : ''))))));
  sortable(table);
  return html('details', {}, html('summary', {}, 'as a table'), html('div', { class: 'scroll', tabindex: 0, role: 'region', 'aria-label': chart.title }, table));
};

// Roofs of array and memory with a dot a layer, its area the time that it takes.
const roofline = (chart, into) => {
  const [ax, ay, size] = chart.axes;
  const dots = rowsOf(chart.table).map(row => ({ row, x: valueOf(ax, row), y: valueOf(ay, row), size: row[size.key] })).filter(p => p.x > 0 && p.y > 0);
  if (!dots.length) { into.closest('section').hidden = true; return; }
  const W = 1000, H = 380, box = boxOf(W, H), most = Math.max(...dots.map(p => p.size));
  const knees = chart.roofs.filter(r => r.bytes_per_cycle > 0).map(r => r.peak / r.bytes_per_cycle);
  const x = scale([...dots.map(p => p.x), ...knees], true, box.left, box.right), y = scale([...dots.map(p => p.y), ...chart.roofs.map(r => r.peak)], true, box.bottom, box.top);
  const g = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': `${chart.title}; as a table below` }, frame(box, x, y, ax.name, ay.name));
  chart.roofs.forEach((r, i) => {
    const [lo, hi] = [x.back(box.left), x.back(box.right)], knee = r.bytes_per_cycle > 0 ? Math.max(lo, Math.min(hi, r.peak / r.bytes_per_cycle)) : lo;
    const foot = Math.max(lo, r.bytes_per_cycle > 0 ? y.back(box.bottom) / r.bytes_per_cycle : lo);
    const slope = r.bytes_per_cycle > 0 && foot < knee ? `M${x(foot)},${y(foot * r.bytes_per_cycle)}L${x(knee)},${y(Math.min(r.peak, knee * r.bytes_per_cycle))}` : `M${x(knee)},${y(r.peak)}`;
    g.append(svg('path', { class: 'front', d: `${slope}H${box.right}` }), svg('text', { x: box.right, y: y(r.peak) - 4, 'text-anchor': 'end' }, `${r.name}: ${short(r.peak)}`));
  });
  for (const p of dots) {
    g.append(svg('circle', { cx: x(p.x), cy: y(p.y), r: 3 + 9 * Math.sqrt(p.size / most), style: 'fill:var(--c0);fill-opacity:.6' },
      svg('title', {}, `${labelOf(chart, p.row)}: ${short(p.x)} ${ax.name}, ${short(p.y)} ${ay.name}, ${short(p.size / size.unit)} ${size.name}`)));
  }
  into.append(html('div', { class: 'plot' }, g), twin(chart, dots.map(p => p.row), [ax, ay, size]));
};

// One line a value of the group, with intervals and a dashed reference.
const curves = (chart, into) => {
  const [ax, ay, ref] = chart.axes, rows = rowsOf(chart.table), key = chart.groups?.[0];
  const lines = [...new Set(rows.map(r => r[key]))], W = 1000, H = 430, box = boxOf(W, H);
  const at = (a, r, k) => valueOf(a, r, k);
  const x = scale(rows.map(r => at(ax, r)), ax.log, box.left, box.right);
  const y = scale(rows.flatMap(r => [at(ay, r), ay.low ? at(ay, r, ay.low) : NaN, ay.high ? at(ay, r, ay.high) : NaN, ref ? at(ref, r) : NaN]), ay.log, box.bottom, box.top);
  const g = svg('svg', { viewBox: `0 0 ${W} ${H}`, role: 'img', 'aria-label': `${chart.title}; as a table below` }, frame(box, x, y, ax.name, ay.name));
  const path = (list, a) => list.filter(r => Number.isFinite(at(a, r))).map((r, i) => `${i ? 'L' : 'M'}${x(at(ax, r))},${y(at(a, r))}`).join('');
  lines.forEach((name, i) => {
    const own = rows.filter(r => r[key] === name), style = `stroke:var(--c${i % colours})`;
    g.append(svg('path', { class: 'line', d: path(own, ay), style }));
    if (ref) g.append(svg('path', { class: 'line', d: path(own, ref), style: `${style};stroke-dasharray:4 3` }));
    for (const r of own.filter(r => Number.isFinite(at(ay, r)))) {
      const px = x(at(ax, r)), lo = ay.low ? at(ay, r, ay.low) : NaN, hi = ay.high ? at(ay, r, ay.high) : NaN;
      if (Number.isFinite(hi)) g.append(svg('line', { x1: px, x2: px, y1: Number.isFinite(lo) ? y(lo) : box.bottom, y2: y(hi), style: `${style};stroke-width:1.2` }));
      g.append(svg('circle', { cx: px, cy: y(at(ay, r)), r: 3, style: `fill:var(--c${i % colours})` }, svg('title', {}, `${name}: ${short(at(ax, r))} ${ax.name}, ${short(at(ay, r))} ${ay.name}`)));
    }
  });
  into.append(legend([...lines.map((name, i) => [String(name), `var(--c${i % colours})`]), ...(ref ? [[`dashed: ${ref.name}`, 'transparent']] : [])]),
    html('div', { class: 'plot' }, g), twin({ ...chart, label: [key] }, rows, chart.axes));
};
