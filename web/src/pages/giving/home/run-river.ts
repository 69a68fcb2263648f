// Drops in the drawn river. A drop is a gift that came in, on a spring and at a moment drawn by lot, so that nothing can
// be read from it but "about so many". Quiet for those who ask for less motion.

const atOnce = 40;
const perEvent = 12;
const spreadMs = 3500;
const pixelsPerMs = 0.055;

interface Drop {
  circle: SVGCircleElement;
  reaches: SVGPathElement[];
  reach: SVGPathElement;
  length: number;
  at: number;
}

/** Returns `pour(gifts, stop?)`: lets up to twelve drops go over the next seconds; `stop` clears the water. */
export function runRiver(drawings: NodeListOf<SVGSVGElement>): (gifts: number, stop?: boolean) => void {
  const still = matchMedia('(prefers-reduced-motion: reduce)');
  const drops = new Set<Drop>();
  let last = 0;

  function step(now: number): void {
    const passed = Math.min(now - last, 100);
    last = now;
    for (const drop of drops) if (!move(drop, passed * pixelsPerMs)) remove(drop);
    if (drops.size > 0) requestAnimationFrame(step);
  }
  function remove(drop: Drop): void {
    drop.circle.remove();
    drops.delete(drop);
  }
  function add(): void {
    const drawing = [...drawings].find((one) => one.clientHeight > 0);
    if (drawing === undefined || document.hidden || still.matches || drops.size >= atOnce) return;
    for (const fixed of drawing.querySelectorAll('circle[cx]:not([data-drop])')) fixed.remove();
    drops.add(spring(drawing));
    if (drops.size === 1) {
      last = performance.now();
      requestAnimationFrame(step);
    }
  }
  let pending: ReturnType<typeof setTimeout>[] = [];
  return (gifts, stop = false) => {
    if (stop) {
      for (const timer of pending) clearTimeout(timer);
      pending = [];
      for (const drop of drops) remove(drop);
      return;
    }
    pending = pending.slice(-atOnce);
    for (let n = 0; n < Math.min(gifts, perEvent); n++) pending.push(setTimeout(add, Math.random() * spreadMs));
  };
}

function spring(drawing: SVGSVGElement): Drop {
  const reaches = [...drawing.querySelectorAll('path')];
  const fed = new Set(reaches.map((reach) => reach.dataset.into));
  const springs = reaches.filter((reach, n) => !fed.has(String(n)) && visible(reach, drawing));
  const reach = springs[Math.floor(Math.random() * springs.length)] ?? (reaches[0] as SVGPathElement);
  const circle = document.createElementNS('http://www.w3.org/2000/svg', 'circle');
  circle.setAttribute('class', 'gift');
  circle.setAttribute('r', '2.4');
  circle.setAttribute('data-drop', '');
  drawing.append(circle);
  const drop = { circle, reaches, reach, length: reach.getTotalLength(), at: 0 };
  move(drop, 0);
  return drop;
}

function visible(reach: SVGPathElement, drawing: SVGSVGElement): boolean {
  return reach.getPointAtLength(0).x < drawing.clientWidth;
}

/** False when the drop has left the drawing. */
function move(drop: Drop, pixels: number): boolean {
  drop.at += pixels;
  while (drop.at > drop.length) {
    const next = drop.reaches[Number(drop.reach.dataset.into)];
    if (next === undefined) return false;
    drop.at -= drop.length;
    drop.reach = next;
    drop.length = next.getTotalLength();
  }
  const point = drop.reach.getPointAtLength(drop.at);
  drop.circle.setAttribute('cx', point.x.toFixed(1));
  drop.circle.setAttribute('cy', point.y.toFixed(1));
  return true;
}
