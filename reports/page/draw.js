// What all pictures share: the rows, elements, scales and axes.
const data = JSON.parse(document.getElementById('data').textContent);
const colours = 10;
const probe = document.body.appendChild(document.createElement('i'));
// colour is one of the style's, as a canvas takes it: resolved for light or dark.
const colour = i => { probe.style.color = `var(--c${i % colours})`; return getComputedStyle(probe).color; };

// rowsOf are the rows of a table as objects.
const rowsOf = name => {
  const t = data.tables.find(t => t.name === name);
  if (!t) return [];
  return t.rows.map(row => Object.fromEntries(t.keys.map((key, i) => [key, row[i]])));
};

const html = (name, attributes = {}, ...inside) => {
  const e = document.createElement(name);
  for (const [key, v] of Object.entries(attributes)) {
    if (key.startsWith('on')) e.addEventListener(key.slice(2), v); else if (v !== false) e.setAttribute(key, v === true ? '' : v);
  }
  e.append(...inside);
  return e;
};

const svg = (name, attributes = {}, ...inside) => {
  const e = document.createElementNS('http://www.w3.org/2000/svg', name);
  for (const [key, v] of Object.entries(attributes)) e.setAttribute(key, v);
  e.append(...inside);
  return e;
};

// short writes a number in at most four digits.
const short = v => {
  if (v === null || v === undefined) return '';
  if (typeof v !== 'number') return String(v);
  if (v === 0) return '0';
  const size = Math.abs(v);
  if (size >= 1e6 || size < 1e-3) return v.toExponential(2).replace('e+', 'e').replace(/\.?0+e/, 'e');
  return String(+v.toPrecision(4));
};

const labelOf = (chart, row) => chart.label.map(key => row[key]).filter(v => v !== null && v !== undefined && v !== '').join(', ');

// valueOf is a row's place on an axis, NaN where it has none.
const valueOf = (axis, row, key = axis.key) => {
  const v = row[key];
  return typeof v === 'number' && !(axis.log && v <= 0) ? v / axis.unit : NaN;
};

// scale maps values to pixels, linearly or by decades, with some room on both sides.
const scale = (values, log, from, to, zero = false) => {
  const fine = values.filter(Number.isFinite);
  let lo = Math.min(...minmax(fine)), hi = Math.max(...minmax(fine));
  if (!fine.length) [lo, hi] = log ? [1, 10] : [0, 1];
  if (log) {
    [lo, hi] = [Math.log10(lo), Math.log10(hi)];
    const room = Math.max((hi - lo) * .04, .04);
    [lo, hi] = [lo - room, hi + room];
  } else {
    if (zero) lo = Math.min(0, lo);
    const room = (hi - lo) * .04 || Math.abs(hi) * .1 || 1;
    [lo, hi] = [zero && lo === 0 ? 0 : lo - room, hi + room];
  }
  const f = v => from + ((log ? Math.log10(v) : v) - lo) / (hi - lo) * (to - from);
  f.back = p => { const v = lo + (p - from) / (to - from) * (hi - lo); return log ? 10 ** v : v; };
  f.ticks = n => log ? decades(lo, hi, n) : steps(lo, hi, n);
  return f;
};

const minmax = values => values.reduce(([lo, hi], v) => [Math.min(lo, v), Math.max(hi, v)], [Infinity, -Infinity]);

const steps = (lo, hi, n) => {
  const raw = (hi - lo) / n, power = 10 ** Math.floor(Math.log10(raw));
  const step = [1, 2, 5, 10].map(k => k * power).find(s => s >= raw);
  const out = [];
  for (let i = Math.ceil(lo / step); i * step <= hi; i++) out.push({ v: +(i * step).toPrecision(12), major: true });
  return out;
};

const decades = (lo, hi, n) => {
  if (hi - lo < .7) return steps(10 ** lo, 10 ** hi, n).filter(t => t.v > 0);
  const out = [], few = hi - lo < 1.5, skip = Math.max(1, Math.ceil((hi - lo) / n));
  for (let e = Math.floor(lo); e <= Math.ceil(hi); e++) {
    for (let k = 1; k < 10; k++) {
      const at = e + Math.log10(k);
      if (at < lo || at > hi) continue;
      const major = k === 1 ? e % skip === 0 : few && (k === 2 || k === 5);
      if (major || skip === 1) out.push({ v: k * 10 ** e, major });
    }
  }
  return out;
};

// frame draws grid, ticks and names of two axes.
const frame = (box, x, y, xName, yName) => {
  const g = svg('g');
  for (const t of x.ticks(7)) {
    g.append(svg('line', { class: t.major ? 'grid' : 'grid minor', x1: x(t.v), x2: x(t.v), y1: box.top, y2: box.bottom }));
    if (t.major) g.append(svg('text', { x: x(t.v), y: box.bottom + 14, 'text-anchor': 'middle' }, short(t.v)));
  }
  for (const t of y.ticks(6)) {
    g.append(svg('line', { class: t.major ? 'grid' : 'grid minor', x1: box.left, x2: box.right, y1: y(t.v), y2: y(t.v) }));
    if (t.major) g.append(svg('text', { x: box.left - 5, y: y(t.v) + 4, 'text-anchor': 'end' }, short(t.v)));
  }
  g.append(svg('text', { class: 'name', x: box.right, y: box.bottom + 29, 'text-anchor': 'end' }, `${xName} →`));
  g.append(svg('text', { class: 'name', x: 2, y: box.top - 7 }, `↑ ${yName}`));
  return g;
};

const boxOf = (width, height, left = 62) => ({ width, height, left, right: width - 12, top: 22, bottom: height - 36 });

const legend = entries => html('div', { class: 'legend' }, ...entries.map(([name, c, rule]) =>
  html('span', {}, html('i', rule ? { class: 'rule', style: c ? `border-color:${c}` : '' } : { style: `background:${c}` }), name)));

const save = (name, type, text) => {
  const a = html('a', { href: URL.createObjectURL(new Blob([text], { type })), download: name });
  a.click();
  setTimeout(() => URL.revokeObjectURL(a.href), 1000);
};

const csv = (keys, rows) => [keys, ...rows].map(row => row.map(v => {
  const s = v === null || v === undefined ? '' : String(v);
  return /[",\n]/.test(s) ? `"${s.replaceAll('"', '""')}"` : s;
}).join(',')).join('\n') + '\n';
