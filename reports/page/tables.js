// Heads of tables sort: a number by its value, text by its letters.
const sortable = table => {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((th, column) => {
    const button = html('button', { type: 'button' }, th.textContent);
    th.replaceChildren(button);
    button.addEventListener('click', () => {
      const down = th.getAttribute('aria-sort') === 'ascending', sign = down ? -1 : 1;
      for (const other of heads) { other.removeAttribute('aria-sort'); other.firstChild.textContent = other.firstChild.textContent.replace(/ [▲▼]$/, ''); }
      th.setAttribute('aria-sort', down ? 'descending' : 'ascending');
      button.textContent += down ? ' ▼' : ' ▲';
      const value = row => { const c = row.cells[column], v = c.dataset.v ?? c.textContent; return v !== '' && !isNaN(v) ? +v : v; };
      const body = table.tBodies[0];
      body.append(...[...body.rows].sort((a, b) => {
        const [x, y] = [value(a), value(b)];
        return sign * (typeof x === 'number' && typeof y === 'number' ? x - y : String(x).localeCompare(String(y), undefined, { numeric: true }));
      }));
    });
  });
};

for (const table of document.querySelectorAll('table[data-name]')) sortable(table);

const downloads = document.getElementById('downloads');
for (const t of data.tables) {
  downloads.append(html('button', { type: 'button', onclick: () => save(`${t.name}.csv`, 'text/csv', csv(t.keys, t.rows)) }, `${t.name}.csv`));
}
downloads.append(html('button', { type: 'button', onclick: () => save('result.json', 'application/json', document.getElementById('json').textContent) }, 'result.json'));

const kinds = { points, stack, roofline, curves };
data.charts.forEach((chart, i) => kinds[chart.kind](chart, document.querySelector(`#chart-${i} .body`)));
document.documentElement.dataset.ready = '1';
