import { useBreadcrumb } from '../../app/breadcrumb';

export default function AboutPage() {
  useBreadcrumb([{ label: 'About' }]);
  return <h1>About</h1>;
}
