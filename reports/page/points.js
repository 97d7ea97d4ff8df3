// Points over two chosen axes with the front of these: drag or step through them.
const points = (chart, into) => {
  const rows = rowsOf(chart.table), axes = chart.axes.filter(a => rows.some(r => Number.isFinite(valueOf(a, r))));
  if (axes.length < 2) return;
  const W = 1000, H = 430, box = boxOf(W, H), fronts = axes.some(a => a.best);
  const state = { x: 0, y: 1, group: 0, only: false, brush: null, at: -1 };
  const choose = (name, options, key) => html('label', {}, `${name} `, html('select', {
    onchange: e => { state[key] = +e.target.value; state.brush = null; draw(); },
  }, ...options.map((o, i) => html('option', { value: i, selected: i === state[key] }, o))));
  const controls = html('div', { class: 'controls' },
    choose('x', axes.map(a => a.name), 'x'), choose('y', axes.map(a => a.name), 'y'),
    ...(chart.groups?.length ? [choose('colour', chart.groups, 'group')] : []),
    ...(fronts ? [html('label', {}, html('input', { type: 'checkbox', class: 'only', onchange: e => { state.only = e.target.checked; draw(); } }), ' front only')] : []),
    html('button', { type: 'button', onclick: () => { state.brush = null; state.at = -1; draw(); } }, 'clear selection'),
    html('button', { type: 'button', onclick: () => saveSelection() }, 'save selection (CSV)'));
  const names = html('div'), plot = html('div', { class: 'plot', tabindex: 0, role: 'group', 'aria-label': chart.title });
  const canvas = html('canvas', { width: 2 * W, height: 2 * H }), under = svg('svg', { viewBox: `0 0 ${W} ${H}` }), over = svg('svg', { class: 'over', viewBox: `0 0 ${W} ${H}` });
  const tip = html('div', { class: 'tip', role: 'status', 'aria-live': 'polite' }), count = html('p', { class: 'meta count', role: 'status' });
  const picked = html('div', { class: 'scroll picked', tabindex: 0, role: 'region', 'aria-label': `selected points of ${chart.title}` });
  plot.append(under, canvas, over);
  into.append(controls, names, plot,
    html('p', { class: 'meta keys' }, 'Drag to select, click for the nearest point; with the keyboard: ← → next point, PgUp PgDn 25 points, ' + (fronts ? 'f next front point, ' : '') + 'Esc clears.'),
    tip, count, picked);

  let x, y, shown = [], front = new Set(), order = [];

  const saveSelection = () => {
    const keys = data.tables.find(t => t.name === chart.table).keys;
    save(`${chart.table}.csv`, 'text/csv', csv(keys, selected().map(p => keys.map(k => p.row[k]))));
  };
  const selected = () => !state.brush ? shown : shown.filter(p => p.px >= state.brush[0] && p.px <= state.brush[2] && p.py >= state.brush[1] && p.py <= state.brush[3]);

  // frontOf walks the points in the order of x and keeps those that improve y.
  const frontOf = (list, ax, ay) => {
    if (!ax.best || !ay.best) return [];
    const sx = ax.best === 'max' ? -1 : 1, sy = ay.best === 'max' ? -1 : 1;
    const sorted = [...list].sort((a, b) => sx * (a.x - b.x) || sy * (a.y - b.y));
    let best = Infinity;
    return sorted.filter(p => { if (sy * p.y < best) { best = sy * p.y; return true; } return false; });
  };

  const shapes = chart.shape ? [...new Set(rows.map(r => r[chart.shape]))] : [];
  const mark = (c, p, size) => {
    const kind = shapes.length > 1 ? shapes.indexOf(p.row[chart.shape]) % 4 : 0, [px, py] = [2 * p.px, 2 * p.py];
    c.beginPath();
    if (kind === 0) c.arc(px, py, size, 0, 7);
    if (kind === 1) c.rect(px - size, py - size, 2 * size, 2 * size);
    if (kind === 2) { c.moveTo(px, py - 1.3 * size); c.lineTo(px + 1.2 * size, py + size); c.lineTo(px - 1.2 * size, py + size); }
    if (kind === 3) { c.moveTo(px, py - 1.4 * size); c.lineTo(px + 1.4 * size, py); c.lineTo(px, py + 1.4 * size); c.lineTo(px - 1.4 * size, py); }
    c.fill();
  };

  const draw = () => {
    const ax = axes[state.x], ay = axes[state.y], key = chart.groups?.[state.group];
    const all = rows.map(row => ({ row, x: valueOf(ax, row), y: valueOf(ay, row) })).filter(p => Number.isFinite(p.x) && Number.isFinite(p.y));
    x = scale(all.map(p => p.x), ax.log, box.left, box.right);
    y = scale(all.flatMap(p => [p.y, ...ends(ay, p.row)]), ay.log, box.bottom, box.top);
    for (const p of all) { p.px = x(p.x); p.py = y(p.y); }
    const line = frontOf(all, ax, ay);
    front = new Set(line);
    const values = key ? [...new Set(all.map(p => p.row[key]))].sort((a, b) => typeof a === 'number' && typeof b === 'number' ? a - b : String(a).localeCompare(String(b))) : [];
    shown = state.only ? line : all;
    order = [...shown].sort((a, b) => a.px - b.px || a.py - b.py);
    names.replaceChildren(legend([
      ...values.slice(0, 12).map((v, i) => [String(v), colour(i)]), ...(values.length > 12 ? [[`and ${values.length - 12} more`, 'transparent']] : []),
      ...(line.length ? [['front of these two axes', '', true]] : []),
    ]));
    under.replaceChildren(frame(box, x, y, ax.name, ay.name), ...limits(ax, ay), ...guides(ax, ay));
    const c = canvas.getContext('2d'), size = all.length > 5000 ? 3 : all.length > 300 ? 5 : 8;
    c.clearRect(0, 0, 2 * W, 2 * H);
    c.globalAlpha = all.length > 300 ? .65 : .9;
    for (const p of shown) {
      c.fillStyle = c.strokeStyle = colour(values.length ? values.indexOf(p.row[key]) : 0);
      mark(c, p, size);
      const [lo, hi] = ends(ay, p.row);
      if (hi !== undefined && all.length <= 300) { c.beginPath(); c.moveTo(2 * p.px, 2 * y(lo)); c.lineTo(2 * p.px, 2 * y(hi)); c.lineWidth = 2; c.stroke(); }
    }
    drawOver(line);
  };

  const ends = (axis, row) => axis.low && typeof row[axis.low] === 'number' ? [row[axis.low] / axis.unit, row[axis.high] / axis.unit] : [];

  const limits = (ax, ay) => (chart.limits ?? []).flatMap(l => {
    const [a, f] = l.key === ax.key ? [ax, x] : l.key === ay.key ? [ay, y] : [];
    if (!a) return [];
    const at = f(l.value / a.unit), place = a === ax ? { x1: at, x2: at, y1: box.top, y2: box.bottom } : { y1: at, y2: at, x1: box.left, x2: box.right };
    return Number.isFinite(at) ? [svg('line', { class: 'limit', ...place }, svg('title', {}, l.name))] : [];
  });

  const guides = (ax, ay) => (chart.guides ?? []).map(k => {
    const [lo, hi] = [x.back(box.left), x.back(box.right)].map(v => Math.max(ay.log ? y.back(box.bottom) / k : -Infinity, Math.min(y.back(box.top) / k, v)));
    return svg('line', { class: k === 1 ? 'front' : 'limit', x1: x(lo), y1: y(k * lo), x2: x(hi), y2: y(k * hi) });
  });

  const drawOver = line => {
    over.replaceChildren();
    let path = '';
    line.forEach((p, i) => { path += i ? `H${p.px}V${p.py}` : `M${p.px},${p.py}`; });
    if (path) over.append(svg('path', { class: 'front', d: path }));
    const full = chart.front ? shown.filter(p => p.row[chart.front] === true) : [...front];
    for (const p of full.slice(0, 500)) over.append(svg('circle', { class: 'front', cx: p.px, cy: p.py, r: 5 }));
    if (state.brush) over.append(svg('rect', { class: 'brush', x: state.brush[0], y: state.brush[1], width: state.brush[2] - state.brush[0], height: state.brush[3] - state.brush[1] }));
    const p = order[state.at];
    if (p) over.append(svg('circle', { class: 'ring', cx: p.px, cy: p.py, r: 9 }));
    tip.textContent = p ? describe(p) : '';
    list();
  };

  const describe = p => {
    const said = axes.map(a => [a, valueOf(a, p.row)]).filter(([, v]) => Number.isFinite(v)).map(([a, v]) => `${a.name} ${short(v)}`);
    const other = [...front].find(q => q !== p && overlap(p, q));
    return [labelOf(chart, p.row), ...said, front.has(p) ? 'on the front' : '', other ? `interval overlaps that of ${labelOf(chart, other.row)}` : ''].filter(Boolean).join('; ');
  };
  const overlap = (p, q) => {
    const [a, b] = [ends(axes[state.y], p.row), ends(axes[state.y], q.row)];
    return a.length && b.length && a[0] <= b[1] && b[0] <= a[1];
  };

  const list = () => {
    const chosen = selected();
    count.textContent = `${chosen.length} of ${rows.length} points${chosen.length > 200 ? ', first 200 listed' : ''}`;
    const first = [...chosen].sort((a, b) => a.x - b.x).slice(0, 200);
    const keys = [...chart.label, ...(chart.groups ?? []).filter(k => !chart.label.includes(k))];
    picked.replaceChildren(html('table', {},
      html('thead', {}, html('tr', {}, ...keys.map(k => html('th', { class: 'l', scope: 'col' }, k)), ...axes.map(a => html('th', { scope: 'col' }, a.name)))),
      html('tbody', {}, ...first.map(p => html('tr', {}, ...keys.map(k => html('td', { class: 'l' }, short(p.row[k]))),
        ...axes.map(a => { const v = valueOf(a, p.row); return html('td', Number.isFinite(v) ? { 'data-v': p.row[a.key] } : {}, Number.isFinite(v) ? short(v) : ''); }))))));
    sortable(picked.querySelector('table'));
  };

  const place = e => { const r = over.getBoundingClientRect(); return [(e.clientX - r.left) / r.width * W, (e.clientY - r.top) / r.height * H]; };
  let start = null;
  over.addEventListener('pointerdown', e => { start = place(e); over.setPointerCapture(e.pointerId); });
  over.addEventListener('pointermove', e => {
    if (!start) return;
    const [px, py] = place(e);
    if (Math.hypot(px - start[0], py - start[1]) < 4) return;
    state.brush = [Math.min(px, start[0]), Math.min(py, start[1]), Math.max(px, start[0]), Math.max(py, start[1])];
    drawOver([...front]);
  });
  over.addEventListener('pointerup', e => {
    const [px, py] = place(e);
    if (start && Math.hypot(px - start[0], py - start[1]) < 4) {
      state.brush = null;
      let near = Infinity;
      order.forEach((p, i) => { const d = Math.hypot(p.px - px, p.py - py); if (d < near) { near = d; state.at = i; } });
      drawOver([...front]);
    }
    start = null;
  });
  const step = n => { state.at = Math.max(0, Math.min(order.length - 1, state.at + n)); drawOver([...front]); };
  plot.addEventListener('keydown', e => {
    const moves = { ArrowRight: 1, ArrowLeft: -1, PageDown: 25, PageUp: -25 };
    if (moves[e.key]) step(moves[e.key]);
    else if (e.key === 'f') { const next = order.findIndex((p, i) => i > state.at && front.has(p)); state.at = next >= 0 ? next : order.findIndex(p => front.has(p)); drawOver([...front]); }
    else if (e.key === 'Escape') { state.brush = null; state.at = -1; drawOver([...front]); }
    else return;
    e.preventDefault();
  });
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', draw);
  draw();
};
