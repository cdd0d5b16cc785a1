import { useBreadcrumb } from '../../app/breadcrumb';

export default function SettingsPage() {
  useBreadcrumb([{ label: 'Settings' }]);
  return <h1>Settings</h1>;
}
